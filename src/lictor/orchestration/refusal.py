"""Why a request cannot be carried out, in terms of the house; the server turns each into its answer."""

from __future__ import annotations


class Conflict(Exception):
    """What the request builds on is missing, or what it makes is taken."""


class Unacceptable(Exception):
    """The request is well formed, but may not be carried out on this resource."""


class Absent(Exception):
    """The named thing does not exist."""
