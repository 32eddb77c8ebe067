"""Recorded conversations of tau2-bench beside what Sparring makes of them."""
