"""Who did what to which case: written once, never changed."""
