"""Values and pure functions that two services must agree on."""
