"""What `init` writes: the target as values first, then as SQL to prove, then as files to read."""
