"""The ready-made gate: one module a concern, readable as documentation of how to write a check."""
