"""Matters that many people begin to write about within the hour: seen, named, announced, and over again."""
