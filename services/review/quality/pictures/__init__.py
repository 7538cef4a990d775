"""Pictures of a period: what came in, how fast it was answered, what became of drafts, and how far the classifier can be believed."""
