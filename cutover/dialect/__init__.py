"""SQLite's SQL read as tokens, and what of it can be said in PostgreSQL's."""
