"""Where the version of a deployment comes from: a commit, as git or the service that builds it says."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from lictor.kit.git import Checkout, GitError, bare, checkout
from lictor.wire.types.deployment import VersionInfo

logger = logging.getLogger("lictor.deploy")

SHORT = 8
"""How much of a commit's digest is a version."""


class VersionType(StrEnum):
    """Where a version may come from."""

    SIMPLE = "prefect:simple"
    GITHUB = "vcs:github"
    GITLAB = "vcs:gitlab"
    BITBUCKET = "vcs:bitbucket"
    AZUREDEVOPS = "vcs:azuredevops"
    GIT = "vcs:git"


class CommitInfo(VersionInfo, kw_only=True):
    """A version that is a commit."""

    commit_sha: str
    message: str
    branch: str
    repository: str
    url: str


class Service(NamedTuple):
    """The environment variables in which a service that builds says what it builds."""

    commit: str
    branch: str
    repository: str
    place: str
    address: str
    """The commit's address, with those of `place`, `repository` and `commit`."""


SERVICES = {
    VersionType.GITHUB: Service(
        "GITHUB_SHA",
        "GITHUB_REF_NAME",
        "GITHUB_REPOSITORY",
        "GITHUB_SERVER_URL",
        "{place}/{repository}/tree/{commit}",
    ),
    VersionType.GITLAB: Service(
        "CI_COMMIT_SHA", "CI_COMMIT_REF_NAME", "CI_PROJECT_NAME", "CI_PROJECT_URL", "{place}/-/tree/{commit}"
    ),
    VersionType.BITBUCKET: Service(
        "BITBUCKET_COMMIT",
        "BITBUCKET_BRANCH",
        "BITBUCKET_REPO_SLUG",
        "BITBUCKET_GIT_HTTP_ORIGIN",
        "{place}/src/{commit}",
    ),
    VersionType.AZUREDEVOPS: Service(
        "BUILD_SOURCEVERSION",
        "BUILD_SOURCEBRANCHNAME",
        "BUILD_REPOSITORY_NAME",
        "BUILD_REPOSITORY_URI",
        "{place}?version=GC{commit}",
    ),
}


def version_type(given: str) -> VersionType:
    """Return a type of versions; ValueError for what is none."""
    try:
        return VersionType(given)
    except ValueError:
        raise ValueError(f"version_type: '{given}' is none of {', '.join(VersionType)}.") from None


def version_info(
    version: str | None, kind: str | None = None, *, from_flow: bool = False, folder: Path | None = None
) -> VersionInfo:
    """Return a deployment's version with where it comes from.

    Args:
        version: As it is given. Without one, a commit's is the version.
        kind: Where to look for a commit; by default at each service, then in git.
        from_flow: Whether the version is the flow's, which a commit's replaces.
        folder: The one that git is asked about, by default the working one.

    Raises:
        ValueError: There is no such kind.
    """
    wanted = version_type(kind) if kind is not None else None
    found = None if wanted is VersionType.SIMPLE else commit_info(wanted, folder or Path())
    if found is None:
        if kind not in (None, VersionType.SIMPLE):
            logger.warning(
                "version_type '%s': nothing here says a commit of it; the version is none of a commit.", kind
            )
        return VersionInfo(type=VersionType.SIMPLE, version=version or "")
    if version and not from_flow:
        found.version = version
    return found


def commit_info(
    kind: VersionType | None, folder: Path, environment: Mapping[str, str] = os.environ
) -> CommitInfo | None:
    """Return the commit that is deployed, as a service or git says it; None where nobody does."""
    services = {name: each for name, each in SERVICES.items() if kind in (None, name) and environment.get(each.commit)}
    if not services and kind not in (None, VersionType.GIT):
        return None
    try:
        found = checkout(folder)
    except (GitError, OSError):
        return None
    for name, each in services.items():
        info = of_service(name, each, found, environment)
        if info is not None:
            return info
    if kind not in (None, VersionType.GIT) or not found.url:
        return None
    repository = urlsplit(found.url).path.strip("/").removesuffix(".git")
    return info_of(VersionType.GIT, found.commit, found.message, found.branch, repository, found.url)


def of_service(
    kind: VersionType, service: Service, found: Checkout, environment: Mapping[str, str]
) -> CommitInfo | None:
    """Return what a service says of the commit, whose message git knows; None where it does not say all."""
    commit, branch, repository, place = (environment.get(each) for each in service[:4])
    if not commit or not branch or not repository:
        return None
    url = service.address.format(place=bare(place or ""), repository=repository, commit=commit)
    return info_of(kind, commit, found.message, branch, repository, url)


def info_of(kind: VersionType, commit: str, message: str, branch: str, repository: str, url: str) -> CommitInfo:
    """Return a commit as a version."""
    return CommitInfo(
        type=kind,
        version=commit[:SHORT],
        commit_sha=commit,
        message=message,
        branch=branch,
        repository=repository,
        url=url,
    )
