"""Properties are checked without a deadline: the machine that checks them may be busy."""

from hypothesis import settings

settings.register_profile("unit", deadline=None, max_examples=60)
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("unit")
