"""Variables: JSON values that flows and tasks share by name."""

from lictor.sdk.variable import Variable

__all__ = ["Variable"]
