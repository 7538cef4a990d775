"""What is observed of decisions after they were made: drift, a candidate in shadow, counts by day. It decides nothing."""
