"""Near-duplicates of a message."""
