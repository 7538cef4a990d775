"""Canned replies: texts that a person, a team or an agency keeps to put into replies."""
