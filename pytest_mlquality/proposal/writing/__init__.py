"""The files for people: gate, schema and page, written anew or added to."""
