"""Why a request cannot be carried out, in terms of the house; the server turns each into its answer."""

from __future__ import annotations


class Conflict(Exception):
    """What the request builds on is missing, or what it makes is taken."""


class Unacceptable(Exception):
    """The request is well formed, but may not be carried out on this resource."""


class Absent(Exception):
    """The named thing does not exist."""


class Full(Exception):
    """No slot is free; `for_good` tells that none ever will be."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class Unfit(Exception):
    """The request is well formed, but does not fit what it is about; the message names the field and the fix."""


class Reserved(Exception):
    """The name or the thing belongs to the server itself."""
