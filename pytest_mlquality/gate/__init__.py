"""The gate inside pytest: mlquality.toml as a test file, ML tests as judged checks, evidence as the outcome."""
