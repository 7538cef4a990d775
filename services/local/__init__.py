"""What `parvis up` adds: the embedded broker, a supervisor of the same processes that production runs, demo requests."""
