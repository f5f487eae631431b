"""A block that calls a web service."""

from lictor.sdk.web_blocks import Webhook

__all__ = ["Webhook"]
