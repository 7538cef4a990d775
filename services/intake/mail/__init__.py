"""E-mail in: a mail's bytes become a request, whatever is wrong with them."""
