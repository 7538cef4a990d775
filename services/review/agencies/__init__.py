"""Which agencies may publish requests to Kafka themselves."""
