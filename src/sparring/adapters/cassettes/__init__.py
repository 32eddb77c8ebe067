"""Recorded answers of models, so that a suite can be played again without a key."""
