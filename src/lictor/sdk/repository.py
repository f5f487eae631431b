"""What a repository's address says: the folder that its clone goes to, and who signs in there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lictor.kit.git import WEB
from lictor.sdk.parameters import hide_secrets

SECRETS = ("access_token", "token", "password")
SECRETIVE = re.compile(
    r"(\w+_)?(secret|password|passwd|passphrase|token|credentials?|authorization|cookie|connection_string"
    r"|(account|access|api|private|secret)_key)",
    re.IGNORECASE,
)
"""Names of settings whose values are secret."""
USERS = {"bitbucket": "x-token-auth", "gitlab": "oauth2"}
"""Who signs in with a token alone, where the host's name has this in it."""


def folder_name(url: str, branch: str | None) -> str:
    """Return the name of the folder that a repository is cloned to: its own, and the branch's."""
    stem = Path(url.rstrip("/")).name.removesuffix(".git")
    stem = stem if stem.strip(".") else "repository"  # neither the folder that it goes into, nor the one above
    return "-".join(filter(None, (stem, (branch or "").replace("/", "-"))))


def without_login(url: str) -> str:
    """Return an address without a login in it: what has a password, or is of the web, where a user may be a token."""
    place = urlsplit(url)
    who, _, host = place.netloc.rpartition("@")
    return place._replace(netloc=host).geturl() if ":" in who or (who and place.scheme in WEB) else url


def login_of(url: str, credentials: Any) -> tuple[str, str] | None:
    """Return the user and the password that credentials stand for: a block, or the fields of one.

    They have an `access_token`, a `token` or a `password`, and maybe a `username`; or, as blocks of hosts do, a method
    `format_git_credentials` that returns the address with the login in it.

    Raises ValueError for credentials without a secret.
    """
    if not credentials:
        return None
    written = getattr(credentials, "format_git_credentials", None)
    if written is not None:
        place = urlsplit(written(url))
        return unquote(place.username or ""), unquote(place.password or "")
    said = dict(credentials)  # a block gives its fields
    secret = next((plain(said[name]) for name in SECRETS if said.get(name)), None)
    if not secret:
        raise ValueError(f"credentials: one of {', '.join(SECRETS)} is needed to sign in.")
    host = urlsplit(url).netloc.lower()
    known = next((name for name in USERS if name in host), None)
    user = said.get("username")
    if not user and known and ":" in secret:
        user, _, secret = str(secret).partition(":")
    return str(user or USERS.get(known or "", "git")), str(secret)


def plain(value: Any) -> Any:
    """Return a value with its secrets in clear, which log lines mask from then on; a block stands for its value."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    hide_secrets(value)
    if hasattr(value, "get_secret_value"):
        return value.get_secret_value()
    if hasattr(value, "get_block_placeholder"):
        return value.get() if hasattr(value, "get") else plain(getattr(value, "value", None) or dict(value))
    return value
