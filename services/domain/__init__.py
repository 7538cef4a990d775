"""What two services must agree on, pure."""
