"""Tells pages of this server from pages of others, and keeps the others from changing anything behind a user's back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lictor.server.guards.cors import Cors
from lictor.server.reply import Reply, detail

if TYPE_CHECKING:
    from starlette.types import Scope

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SIMPLE_MEDIA = frozenset({b"", b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data"})
FOREIGN = detail(
    "A page of another site may not change anything here: list its origin in server.api.cors_allowed_origins, "
    "and send JSON.",
    403,
)


def place_of(address: str) -> bytes:
    """Return host and port of an address, without the port that goes without saying."""
    netloc = urlsplit(address if "//" in address else f"//{address}").netloc.rpartition("@")[2].lower()
    return netloc.removesuffix(":80").removesuffix(":443").encode("latin-1", "replace")


class Origins:
    """The origins of this server's own pages: what the request was sent to, and the configured addresses."""

    def __init__(self, cors: Cors, addresses: Iterable[str | None]) -> None:
        self.cors = cors
        self.places = frozenset(place_of(address) for address in addresses if address)

    def own(self, origin: bytes, given: dict[bytes, bytes]) -> bool:
        """Tell whether an origin is this server's own."""
        if origin == b"null":
            return False
        place = place_of(origin.decode("latin-1"))
        return bool(place) and (place in self.places or place == place_of(given.get(b"host", b"").decode("latin-1")))

    def foreign(self, given: dict[bytes, bytes]) -> bool:
        """Tell whether a browser marks a request as coming from a page of another site."""
        site, origin = given.get(b"sec-fetch-site"), given.get(b"origin")
        if site in (b"same-origin", b"none"):
            return False
        if origin is not None:
            return not self.own(origin, given)
        return site == b"cross-site"

    def refusal(self, scope: Scope) -> Reply | None:
        """Refuse a change that a foreign page asks for, if it came without being asked before or is of none listed."""
        given = scope["given"]
        if scope["method"] not in CHANGING or not self.foreign(given):
            return None
        unlisted = self.cors.origins is not None and not self.cors.names(given.get(b"origin", b""))
        return FOREIGN if unlisted or not asked_before(scope["method"], given) else None

    def takes_socket(self, given: dict[bytes, bytes]) -> bool:
        """Tell whether a page of this origin may open a socket; who is no page says no origin."""
        origin = given.get(b"origin")
        return origin is None or self.cors.origins is None or self.cors.names(origin) or self.own(origin, given)


def asked_before(method: str, given: dict[bytes, bytes]) -> bool:
    """Tell whether a browser asks (by a preflight) before it sends such a request for a page of another origin."""
    if method != "POST":
        return True
    media = given.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return media not in SIMPLE_MEDIA or b"authorization" in given or b"prefect-csrf-token" in given
