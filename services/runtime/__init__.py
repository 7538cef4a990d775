"""Kafka, database, HTTP, telemetry and settings of every process, and no word of the domain."""
