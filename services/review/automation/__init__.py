"""What may draft: a model, the template or nobody, by agency, category and kind of letter."""
