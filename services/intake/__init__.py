"""Takes requests in, never loses one, and tells the agency what became of them."""
