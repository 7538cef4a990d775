"""What becomes of drafts, in figures for supervisors."""
