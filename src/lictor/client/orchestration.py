"""The clients of the API: `get_client` makes one."""

from lictor.sdk.client import LictorClient, SyncLictorClient, get_client
from lictor.sdk.client import LictorClient as PrefectClient
from lictor.sdk.client import SyncLictorClient as SyncPrefectClient

__all__ = ["LictorClient", "PrefectClient", "SyncLictorClient", "SyncPrefectClient", "get_client"]
