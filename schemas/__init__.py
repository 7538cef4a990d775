"""Pydantic models of every Kafka event, one module a topic. They import nothing of ours but each other."""
