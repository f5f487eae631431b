"""Blocks: configuration with secrets, kept by the server under a name."""

__all__: list[str] = []
