"""The client that users ask for."""

from __future__ import annotations

from typing import Literal, overload

from lictor.client.client import AsyncClient, Client


@overload
def get_client(sync_client: Literal[False] = False) -> AsyncClient: ...
@overload
def get_client(sync_client: Literal[True]) -> Client: ...
def get_client(sync_client: bool = False) -> AsyncClient | Client:
    """Return a client of the API that the settings name, to use in a `with` block.

    `client(operation(...))` carries a call; operations stand in `lictor.wire.operations`.
    """
    return Client() if sync_client else AsyncClient()
