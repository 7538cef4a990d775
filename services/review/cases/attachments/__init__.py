"""Files that came with a message."""
