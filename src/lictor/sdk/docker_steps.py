"""Steps of project files that build and push images, as the `prefect_docker` package has them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from lictor.sdk.docker_image import DockerImage, PushError, parse_image_tag, run_docker

BUILT: dict[tuple[str, ...], dict[str, Any]] = {}
"""What these steps did in this process: deployments of a file that say the same share it."""


def build_docker_image(
    image_name: str,
    dockerfile: str = "Dockerfile",
    tag: str | None = None,
    additional_tags: list[str] | None = None,
    ignore_cache: bool = False,
    **build_kwargs: Any,
) -> dict[str, Any]:
    """Build an image, once in a process; return its `image_name`, `tag`, `image` (both), `image_id`, `additional_tags`.

    Args:
        image_name: Its name, with the registry and the repository.
        dockerfile: The Dockerfile, or `auto` for one that is made up.
        tag: The tag; by default made up of the time.
        additional_tags: Further tags.
        ignore_cache: Whether to build it again.
        build_kwargs: What else is said of the build, as to a `DockerImage`; `path` is the folder.

    Raises:
        BuildError: It cannot be built.
        ValueError: It cannot be a name or a tag.
    """
    key = ("build", repr((image_name, dockerfile, tag, additional_tags, sorted(build_kwargs.items()))))
    if ignore_cache or key not in BUILT:
        said = {name: value for name, value in build_kwargs.items() if name not in ("path", "decode")}
        image = DockerImage(image_name, tag, dockerfile, sys.stdout, context=build_kwargs.get("path"), **said)
        BUILT[key] = {**told(image, additional_tags), "image_id": image.built(additional_tags or ())}
    return BUILT[key]


def push_docker_image(
    image_name: str,
    tag: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    additional_tags: list[str] | None = None,
    ignore_cache: bool = False,
) -> dict[str, Any]:
    """Push an image, once in a process; return its `image_name`, `tag`, `image` (both) and `additional_tags`.

    Args:
        image_name: Its name, with the registry and the repository.
        tag: The tag; `latest` if there is none.
        credentials: `username`, `password` and `registry_url`, to sign in with; Docker keeps them as its `login` does.
        additional_tags: Further tags that are pushed.
        ignore_cache: Whether to push it again.

    Raises:
        PushError: It cannot be pushed.
        ValueError: It cannot be a name or a tag.
    """
    key = ("push", repr((image_name, tag, additional_tags)))
    if ignore_cache or key not in BUILT:
        if tag is None and parse_image_tag(image_name)[1] is None:
            tag = "latest"
        if credentials:
            sign_in(credentials)
        image = DockerImage(image_name, tag)
        for each in (image, *(DockerImage(image.name, further) for further in additional_tags or ())):
            each.push()
        BUILT[key] = told(image, additional_tags)
    return BUILT[key]


def told(image: DockerImage, additional_tags: list[str] | None) -> dict[str, Any]:
    """Return what steps tell of an image."""
    return {
        "image_name": image.name,
        "tag": image.tag,
        "image": image.reference,
        "additional_tags": additional_tags or [],
    }


def sign_in(credentials: Mapping[str, Any]) -> None:
    """Sign in at a registry; the password is on no command line."""
    words = ["login", f"--username={credentials.get('username') or ''}", "--password-stdin"]
    registry = credentials.get("registry_url")
    run_docker([*words, *(["--", str(registry)] if registry else [])], None, PushError, str(credentials["password"]))
