"""Injects real faults while requests keep coming: into brokers, the database, the mail server, the model and our own processes."""
