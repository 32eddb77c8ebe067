"""From the Eqho wire to the domain and back: pure functions, one module a record."""
