"""The blocks that every server knows."""

from lictor.sdk.system_blocks import Secret

__all__ = ["Secret"]
