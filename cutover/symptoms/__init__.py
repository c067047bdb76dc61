"""What doctor asks, one question a module."""
