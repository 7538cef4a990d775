"""The classifier: from n-grams to calibrated categories with reasons; how it is trained, measured, stored and promoted."""
