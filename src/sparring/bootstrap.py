"""The one composition root: from settings to services."""
