"""The Eqho wire: its shapes (`wire`), and pure, total functions between them and the domain (`translate`)."""
