"""What Lictor raises has one class in common, so that users can catch all of it."""

from __future__ import annotations


class LictorException(Exception):  # the reference's name for it ends like this
    """Something that Lictor raises by itself, and not the user's code."""
