"""The form in which citizens write to their agency, and the page on which they see how it stands."""
