"""Internal notes on cases."""
