"""Invented messages with drafts that are wrong in a known way, put into a person's queue to see whether mistakes are noticed."""
