"""How many cases of which kind each day had: added up between requests, and read by the pictures of the quality pages."""
