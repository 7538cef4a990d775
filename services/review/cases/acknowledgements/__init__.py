"""Acknowledges messages on receipt, for agencies where a named person has decided that."""
