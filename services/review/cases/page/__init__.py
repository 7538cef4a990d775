"""The case page: what it shows of a case."""
