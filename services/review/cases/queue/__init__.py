"""The queue: lists, their order and counts, views, and many cases at once."""
