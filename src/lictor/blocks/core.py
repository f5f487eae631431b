"""The base of blocks."""

from lictor.sdk.block import Block, BlockNotSavedError, InvalidBlockRegistration, UnknownBlockType

__all__ = ["Block", "BlockNotSavedError", "InvalidBlockRegistration", "UnknownBlockType"]
