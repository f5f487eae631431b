"""Gives all block documents a new key, a slice at a time; what was interrupted goes on where it was."""

from __future__ import annotations

from lictor.settings import Settings
from lictor.store import block_document
from lictor.store.address import database_place
from lictor.store.keyring import KeyProblem, Keyring, missing
from lictor.store.opening import open_store
from lictor.store.transaction import Store
from lictor.wire.types.block_document import Rotated

SLICE = 100


async def rotated(settings: Settings) -> Rotated:
    """Seal the documents of the settings' database with a new key; raise StoreError where that cannot be."""
    store = await open_store(database_place(settings), settings)
    try:
        return await rotate(store, Keyring(settings))
    finally:
        await store.close()


async def rotate(store: Store, keyring: Keyring) -> Rotated:
    """Seal all documents with a new key, or with the first one where a rotation was interrupted."""
    used = await store.read(block_document.keys)
    for name in used:
        if keyring.named(name) is None:
            raise KeyProblem(missing(name, keyring.place))
    known = keyring.known()
    if keyring.said is None and used.keys() <= {key.name for key in known[:1]}:
        keyring.renew()
    number = await reseal(store, keyring)
    return Rotated(number=number, key=keyring.first().name, place=keyring.place)


async def reseal(store: Store, keyring: Keyring) -> int:
    """Seal what has another key than the first one with that; return how many documents it were."""
    number = after = 0
    while True:
        count, after = await store.write(block_document.reseal_some, keyring, after, SLICE)
        if not count:
            return number
        number += count
