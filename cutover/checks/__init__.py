"""One leaf for each question that verify asks of the target."""
