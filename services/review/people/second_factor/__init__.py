"""A second factor beside the password: codes of an app, and codes on paper."""
