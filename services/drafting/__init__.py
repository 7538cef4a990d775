"""Drafts a reply for a person to decide on, from the agency's own published answers."""
