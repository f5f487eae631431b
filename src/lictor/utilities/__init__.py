"""Modules that have names of the reference's in the places where it has them."""

__all__: list[str] = []
