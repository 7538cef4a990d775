"""The command `parvis`: one module a group, each a thin shell around plain functions. Imports are late: a command starts fast."""
