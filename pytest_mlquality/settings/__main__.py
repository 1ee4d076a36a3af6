"""Write the JSON Schema of mlquality.toml anew."""

from pytest_mlquality.settings.schema import SCHEMA_FILE, schema_text

if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
