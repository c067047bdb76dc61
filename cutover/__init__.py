"""Move an application from SQLite to PostgreSQL, and prove it."""

__version__ = "0.1.0"
