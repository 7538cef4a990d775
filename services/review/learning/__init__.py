"""Which corrections teach the classifier: by a supervisor's decision, never by habit."""
