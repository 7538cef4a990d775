"""Tells the public what is automated for an agency, by what, how well, and who decides."""
