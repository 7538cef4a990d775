"""The language of the system: one module a topic, plain pydantic, importing nothing of ours but itself."""
