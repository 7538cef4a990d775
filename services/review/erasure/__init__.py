"""A citizen's right to be forgotten, and to see what is kept of them: every table from one list."""
