"""Sends each decided reply once, and can show that it did."""
