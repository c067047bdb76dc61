"""The databases an application can go to."""
