"""Training examples from corrections, each accepted by a supervisor."""
