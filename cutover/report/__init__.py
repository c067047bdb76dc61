"""Values into words: events while they happen, results and errors at the end."""
