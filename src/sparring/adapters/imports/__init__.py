"""Files of other tools, read as suites."""
