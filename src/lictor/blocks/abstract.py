"""The bases of blocks that can do the same thing."""

from lictor.sdk.notification_blocks import NotificationBlock, NotificationError

__all__ = ["NotificationBlock", "NotificationError"]
