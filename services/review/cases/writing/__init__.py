"""The words that people are writing on a case."""
