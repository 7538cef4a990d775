"""Commands that make what is shipped: weights, word lists. Nothing in the services imports them."""
