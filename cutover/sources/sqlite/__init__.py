"""The SQLite side: read with the engine's own pragmas, and never written."""
