"""Where people decide: cases, drafts, decisions, and the pages to work on them."""
