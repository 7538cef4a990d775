"""Five services, each its own process, that share nothing but Kafka and the database."""
