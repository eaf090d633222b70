"""The HTTP API: one file per resource; its paths are a contract."""
