"""Chat models: the wires of the providers, scripted models, and the catalogue that finds one by its name."""
