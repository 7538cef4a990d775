"""What changes under somebody's eyes: live updates and presence."""
