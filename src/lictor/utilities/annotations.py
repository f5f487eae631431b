"""Marks on arguments that say how a run takes them."""

from lictor.engine.annotations import Annotation as BaseAnnotation
from lictor.engine.annotations import allow_failure, quote, unmapped
from lictor.engine.annotations import quote as Quote  # noqa: N812  # the reference has both

__all__ = ["BaseAnnotation", "Quote", "allow_failure", "quote", "unmapped"]
