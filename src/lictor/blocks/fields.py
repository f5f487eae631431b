"""Types of the fields of blocks."""

from lictor.sdk.block_schema import SecretDict

__all__ = ["SecretDict"]
