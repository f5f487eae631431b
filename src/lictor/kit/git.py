"""Clones repositories with the `git` command, and asks it about the one that a folder is in.

What callers give can never be one of its options.
"""

from __future__ import annotations

import base64
import logging
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from lictor.kit.clock import sleep

PROTOCOLS = "file:git:http:https:ssh"
"""How repositories may be reached; `ext::`, which runs commands, is none of them."""
FROM_AFAR = "git:http:https:ssh"
"""How the submodules of one that comes over a network may be: none of them is a folder of this machine."""
WEB = ("http", "https")


logger = logging.getLogger("lictor.git")

PAUSES = (1.0, 3.0)
"""Seconds before further tries."""
PASSING = re.compile(
    r"could(n't| not) (resolve host|connect)|failed to connect|connection (refused|reset|timed out)|operation timed out"
    r"|temporary failure|returned error: (429|5\d\d)|early eof|rpc failed|remote end hung up",
    re.IGNORECASE,
)
"""What git says of mishaps that pass by themselves."""


class GitError(Exception):
    """A repository cannot be had."""


class Checkout(NamedTuple):
    """What a folder in a repository is of: the commit with its message's first line, the branch, and where it is from.

    The branch is `HEAD` where none is checked out; the address has no login, and is empty where there is none.
    """

    commit: str
    message: str
    branch: str
    url: str


def checkout(folder: Path) -> Checkout:
    """Return what a folder is of; GitError if it is in no repository, or in one without a commit."""
    commit, _, message = run(["log", "-1", "--format=%H%n%s"], folder, os.environ).partition("\n")
    branch = run(["rev-parse", "--abbrev-ref", "HEAD"], folder, os.environ)
    return Checkout(commit, message, branch, origin(folder))


def origin(folder: Path) -> str:
    """Return where a folder's repository is from, without a login, or nothing."""
    try:
        return bare(run(["config", "--get", "remote.origin.url"], folder, os.environ))
    except GitError:
        return ""


def clone(
    url: str,
    folder: Path,
    *,
    branch: str | None = None,
    commit: str | None = None,
    submodules: bool = False,
    directories: Sequence[str] | None = None,
    login: tuple[str, str] | None = None,
) -> None:
    """Clone a repository into a folder that is not there, or bring the clone in it up to date.

    `directories` are the only ones that are checked out. `login` is a user and a password for http and https; it goes
    to git in its environment, never on a command line, and so does one that stands in the address.

    Raises GitError, which says what git said; also where the clone that is there is another repository's.
    """
    for value in filter(None, (url, branch, commit)):
        if value.startswith("-"):
            raise GitError(f"'{value}' begins with a dash: no repository, branch or commit does.")
    login = login or login_in(url)
    url = url if login is None else bare(url)
    environment = environment_of(url, login)
    if not (folder / ".git").exists():
        narrow = ["--depth", "1"] if commit is None else []
        sparse = ["--filter=blob:none", "--sparse"] if directories else []
        chosen = ["--branch", branch] if branch else []
        run(["clone", "--quiet", *narrow, *sparse, *chosen, "--", url, str(folder)], Path(), environment)
        if directories:
            run(["sparse-checkout", "set", "--", *directories], folder, environment)
    else:
        origin = run(["remote", "get-url", "origin"], folder, environment)
        if bare(origin) != bare(url):
            raise GitError(f"'{folder}' has a clone of '{bare(origin)}', not of '{bare(url)}': use another folder.")
        wanted = commit or branch or "HEAD"
        run(["fetch", "--quiet", *([] if commit else ["--depth", "1"]), "origin", wanted], folder, environment)
        commit = commit or "FETCH_HEAD"
    if commit is not None:
        run(["checkout", "--quiet", "--detach", commit, "--"], folder, environment)
    if submodules:
        allowed = FROM_AFAR if is_far(url) else PROTOCOLS
        words = ["submodule", "update", "--quiet", "--init", "--recursive"]
        run(words, folder, environment | {"GIT_ALLOW_PROTOCOL": allowed})


def bare(url: str) -> str:
    """Return an address without a login in it."""
    place = urlsplit(url)
    return place._replace(netloc=place.netloc.rpartition("@")[2]).geturl() if place.scheme in WEB else url


def login_in(url: str) -> tuple[str, str] | None:
    """Return the login in an address of http or https; a user alone is none, as git has ways to get the password."""
    place = urlsplit(url)
    return (unquote(place.username or ""), unquote(place.password)) if place.scheme in WEB and place.password else None


def is_far(url: str) -> bool:
    """Tell whether an address is one of another machine: a URL, or `host:path` as ssh has it."""
    scheme, colon, _ = url.partition("://")
    return scheme != "file" if colon else ":" in url.partition("/")[0]


def environment_of(url: str, login: tuple[str, str] | None) -> dict[str, str]:
    """Return git's environment: it asks nobody, and has the login for the repository's host alone."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": PROTOCOLS}
    place = urlsplit(url)
    if login is None:
        return environment
    if place.scheme not in WEB:
        raise GitError(f"A login is for http and https alone: '{place.scheme or url}' takes none.")
    told = base64.b64encode(":".join(login).encode()).decode()
    name = f"http.{place.scheme}://{place.netloc.rpartition('@')[2]}/.extraHeader"
    said = environment.get("GIT_CONFIG_COUNT", "")
    number = int(said) if said.isdecimal() else 0  # what else is configured so goes on to count
    return environment | {
        "GIT_CONFIG_COUNT": f"{number + 1}",
        f"GIT_CONFIG_KEY_{number}": name,
        f"GIT_CONFIG_VALUE_{number}": f"Authorization: Basic {told}",
    }


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run git in a folder; return what it prints. Where the network is at fault it is tried again, a little later."""
    for pause in PAUSES:
        try:
            return run_once(words, folder, environment)
        except GitError as error:
            if not PASSING.search(str(error)):
                raise
            logger.warning("git %s: %s. It is tried again in %.0f s", words[0], error, pause)
        sleep(pause)
    return run_once(words, folder, environment)


def run_once(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run git in a folder; return what it prints."""
    try:
        done = subprocess.run(  # noqa: S603 - see clone
            ["git", *words],  # noqa: S607 - whichever git there is
            cwd=folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",  # messages of commits may be in any encoding
        )
    except FileNotFoundError:
        raise GitError("git is not installed.") from None
    if done.returncode:
        raise GitError(done.stderr.strip() or f"git {words[0]} ended with exit code {done.returncode}.")
    return done.stdout.strip()
