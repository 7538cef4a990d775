"""What every process stands on, and no word of the domain."""
