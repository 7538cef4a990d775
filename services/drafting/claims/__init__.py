"""What a draft asserts, sentence by sentence, and whether the agency's published passages say it. Pure."""
