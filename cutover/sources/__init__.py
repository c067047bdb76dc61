"""The databases an application can come from."""
