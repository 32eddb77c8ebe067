"""The composition root: from settings to services, and the doors that lead to them."""
