"""Versions of deployments come from commits, as the services that build and git itself say them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from lictor.sdk.version_info import commit_info, version_info
from lictor.wire.types.deployment import VersionInfo

WHO = ("-c", "user.name=x", "-c", "user.email=x@example.org")
SHA = "0123456789abcdef0123456789abcdef01234567"
SERVICES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "vcs:github": (
        {
            "GITHUB_SHA": SHA,
            "GITHUB_REF_NAME": "main",
            "GITHUB_REPOSITORY": "owner/flows",
            "GITHUB_SERVER_URL": "https://hub.example.org",
        },
        {"repository": "owner/flows", "url": f"https://hub.example.org/owner/flows/tree/{SHA}"},
    ),
    "vcs:gitlab": (
        {
            "CI_COMMIT_SHA": SHA,
            "CI_COMMIT_REF_NAME": "main",
            "CI_PROJECT_NAME": "flows",
            "CI_PROJECT_URL": "https://lab.example.org/owner/flows",
        },
        {"repository": "flows", "url": f"https://lab.example.org/owner/flows/-/tree/{SHA}"},
    ),
    "vcs:bitbucket": (
        {
            "BITBUCKET_COMMIT": SHA,
            "BITBUCKET_BRANCH": "main",
            "BITBUCKET_REPO_SLUG": "flows",
            "BITBUCKET_GIT_HTTP_ORIGIN": "https://bucket.example.org/owner/flows",
        },
        {"repository": "flows", "url": f"https://bucket.example.org/owner/flows/src/{SHA}"},
    ),
    "vcs:azuredevops": (
        {
            "BUILD_SOURCEVERSION": SHA,
            "BUILD_SOURCEBRANCHNAME": "main",
            "BUILD_REPOSITORY_NAME": "flows",
            "BUILD_REPOSITORY_URI": "https://azure.example.org/owner/_git/flows",
        },
        {"repository": "flows", "url": f"https://azure.example.org/owner/_git/flows?version=GC{SHA}"},
    ),
}
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Git in a folder with a commit."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *WHO, *words], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "trunk")
    git("commit", "-q", "--allow-empty", "-m", "Say it\n\nAnd more.")
    return git


def told(kind: Any, folder: Path, environment: dict[str, str]) -> dict[str, Any] | None:
    found = commit_info(kind, folder, environment)
    return None if found is None else structs.asdict(found)


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("named", [True, False])
def test_a_service_says_the_commit_and_git_its_message(kind: str, named: bool, git: Git, tmp_path: Path) -> None:
    environment, said = SERVICES[kind]
    wanted = {"type": kind, "version": SHA[:8], "commit_sha": SHA, "message": "Say it", "branch": "main", **said}
    assert told(kind if named else None, tmp_path, environment) == wanted
    for name in list(environment)[:3]:
        assert told(kind, tmp_path, {**environment, name: ""}) is None


def test_no_login_of_a_service_is_told(git: Git, tmp_path: Path) -> None:
    for kind, (environment, said) in SERVICES.items():
        written = {name: value.replace("https://", "https://me:secret@") for name, value in environment.items()}
        found = told(kind, tmp_path, written)
        assert found is not None
        assert found["url"] == said["url"]


def test_without_a_service_git_says_the_commit(git: Git, tmp_path: Path) -> None:
    assert told(None, tmp_path, {}) is None  # from nowhere
    git("remote", "add", "origin", "https://me:secret@example.org/owner/flows.git")
    sha = git("rev-parse", "HEAD")
    wanted = {"type": "vcs:git", "version": sha[:8], "commit_sha": sha, "message": "Say it", "branch": "trunk"}
    wanted |= {"repository": "owner/flows", "url": "https://example.org/owner/flows.git"}
    assert told(None, tmp_path, {}) == told("vcs:git", tmp_path, SERVICES["vcs:github"][0]) == wanted
    assert told("vcs:github", tmp_path, {}) is None


def test_outside_of_a_repository_nobody_says_it(tmp_path: Path) -> None:
    assert told(None, tmp_path, SERVICES["vcs:github"][0]) is None


def test_what_is_given_wins_over_a_commit_and_that_over_the_flows(git: Git, tmp_path: Path) -> None:
    git("remote", "add", "origin", "git@example.org:owner/flows.git")
    sha = git("rev-parse", "HEAD")
    cases = {("v1", False): "v1", ("of the flow", True): sha[:8], (None, False): sha[:8]}
    for (version, from_flow), wanted in cases.items():
        assert version_info(version, "vcs:git", from_flow=from_flow, folder=tmp_path).version == wanted
    simple = version_info("of the flow", "prefect:simple", from_flow=True, folder=tmp_path)
    assert simple == VersionInfo(type="prefect:simple", version="of the flow")
    with pytest.raises(ValueError, match="version_type: 'svn' is none of prefect:simple, vcs:github"):
        version_info(None, "svn")
