"""What keeps it running: traces, dead letters, what stands still."""
