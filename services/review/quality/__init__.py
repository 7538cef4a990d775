"""Quality statistics of drafts and decisions, for supervisors."""
