"""The outside: models, players, stores, engines and files behind the ports of the use cases."""
