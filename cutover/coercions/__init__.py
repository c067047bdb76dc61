"""One leaf for each family of PostgreSQL types: stored values into that family, and back."""
