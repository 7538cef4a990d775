"""Alembic's scripts: the only other place that sees every service's tables."""
