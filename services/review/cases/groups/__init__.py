"""Messages of many people about one matter: found, announced, answered together."""
