"""The pages, for people: rendered here, readable without scripts, each view with an address of its own."""
