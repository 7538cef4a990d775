"""Detects what pins or raises a case (danger, legal deadlines, wishes for a person, automatic replies) and the urgency that follows."""
