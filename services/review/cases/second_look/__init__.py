"""A second look at a drawn share of approved replies, by somebody who does not see what the first person made of them."""
