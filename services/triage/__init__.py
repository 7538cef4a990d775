"""Sorts each request: what it is about, whose it is, how urgent, and what must be hidden."""
