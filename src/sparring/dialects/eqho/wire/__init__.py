"""The shapes of this dialect: requests as pydantic models that refuse in words, answers as typed dictionaries.

Beside the documented fields stand those of the project's own, in the same style. What nobody documents is passed
over, but inside of an extension it is refused, so that a mistyped rule is not lost.
"""
