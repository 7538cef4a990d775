"""Faults injected for real: brokers, the database, the mail server, the model and our own processes, while requests keep coming."""
