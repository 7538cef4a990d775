"""Who may publish requests to Kafka itself."""
