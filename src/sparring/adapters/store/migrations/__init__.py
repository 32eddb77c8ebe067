"""How the tables came to be what they are: Alembic's, in order."""

HEAD = "0010"
"""The revision that this program works with."""

KNOWN = frozenset({"0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010"})
"""Every revision that it can start from."""
