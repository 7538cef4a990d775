"""Full-text search over cases."""
