"""The gates that ruff, mypy and import-linter can't express."""
