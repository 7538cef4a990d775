"""Cases that belong together: of one citizen, one following another, or two matters of one letter."""
