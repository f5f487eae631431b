"""Images that flows run in, built and pushed by the `docker` command: no value can become one of its options."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TextIO

from lictor import __version__
from lictor.kit.clock import now
from lictor.settings import current, table

AUTO = "auto"
"""Stands for a Dockerfile that is made up."""
IN_IMAGES = "/opt/prefect"
"""Where the flows' folders are in images."""
IGNORED = (".git", ".env", ".env.*", ".venv", "venv", "__pycache__", ".netrc", ".ssh", "*.key", "profiles.toml")
"""What an image with a made-up Dockerfile leaves out of a folder without a `.dockerignore`: above all, secrets."""
KEPT_LINES = 20
"""So many of the last lines that the command prints are told where it fails."""

PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])"
NAME = rf"(?:{HOST}(?::[0-9]+)?/)?{PART}(?:/{PART})*"
TAG = r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"
DIGEST = r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}"
"""Patterns, compiled when the first image is named."""


class BuildError(Exception):
    """An image cannot be built."""


class PushError(Exception):
    """An image cannot be pushed."""


def texts(flag: str, value: Any) -> Iterator[str]:
    """Give an option its values, one or several."""
    for each in [value] if isinstance(value, str | int | float) else value:
        yield f"--{flag}={each}"


def pairs(flag: str, value: Any, between: str = "=") -> Iterator[str]:
    """Give an option each name with its value."""
    several = value.items() if isinstance(value, Mapping) else (str(each).partition(between)[::2] for each in value)
    yield from (f"--{flag}={name}{between}{each}" for name, each in several)


def hosts(flag: str, value: Any) -> Iterator[str]:
    """Give an option each host with its address."""
    return pairs(flag, value, ":")


def joined(flag: str, value: Any) -> Iterator[str]:
    """Give an option its values as one."""
    yield f"--{flag}={value if isinstance(value, str) else ','.join(value)}"


def fields(flag: str, value: Any) -> Iterator[str]:
    """Give an option its values, of which those with names are texts like `type=local,src=x`."""
    several = [value] if isinstance(value, str | Mapping) else value
    for each in several:
        said = ",".join(f"{name}={one}" for name, one in each.items()) if isinstance(each, Mapping) else each
        yield f"--{flag}={said}"


def switch(flag: str, value: Any) -> Iterator[str]:
    """Switch an option on or off."""
    yield f"--{flag}={'true' if value else 'false'}"


def unless(flag: str, value: Any) -> Iterator[str]:
    """Switch an option on where something is off."""
    return switch(flag, not value)


Write = Callable[[str, Any], Iterator[str]]

OPTIONS: dict[str, tuple[str, Write]] = {
    "add_hosts": ("add-host", hosts),
    "build_args": ("build-arg", pairs),
    "buildargs": ("build-arg", pairs),
    "builder": ("builder", texts),
    "cache": ("no-cache", unless),
    "cache_from": ("cache-from", fields),
    "cache_to": ("cache-to", fields),
    "extra_hosts": ("add-host", hosts),
    "forcerm": ("force-rm", switch),
    "isolation": ("isolation", texts),
    "labels": ("label", pairs),
    "load": ("load", switch),
    "network": ("network", texts),
    "network_mode": ("network", texts),
    "nocache": ("no-cache", switch),
    "output": ("output", fields),
    "platform": ("platform", texts),
    "platforms": ("platform", joined),
    "progress": ("progress", texts),
    "pull": ("pull", switch),
    "push": ("push", switch),
    "quiet": ("quiet", switch),
    "rm": ("rm", switch),
    "secrets": ("secret", fields),
    "shmsize": ("shm-size", texts),
    "squash": ("squash", switch),
    "ssh": ("ssh", texts),
    "target": ("target", texts),
}
"""What may be said of a build, by the names that Python's packages for Docker have, as the command's options."""


class DockerImage:
    """An image that a deployment's runs are in; the `docker` command builds and pushes it.

    Args:
        name: Its name, with the registry and the repository. `deployments.default_docker_build_namespace` stands before
            one without either. It may have the tag with it.
        tag: The tag; by default made up of the time.
        dockerfile: The Dockerfile, seen from the context; `auto`, the default, makes one up: see `default_dockerfile`.
        stream_progress_to: What the command prints is written there; by default to this process's output.
        build_backend: `docker-py`, the default, runs `docker build`, `buildx` runs `docker buildx build`. (The names
            are those of packages, which are not needed.)
        build_kwargs: What else is said of the build: `context`, the folder, by default the one worked in; `buildargs`,
            `platform`, `nocache`, `pull` (True by default), `target`, `labels`, `secrets` and so on.

    Raises:
        TypeError: Something is said of the build that is not known.
        ValueError: It cannot be the name or the tag of an image, or there are two tags.
    """

    def __init__(
        self,
        name: str,
        tag: str | None = None,
        dockerfile: str = AUTO,
        stream_progress_to: TextIO | None = sys.stdout,
        build_backend: Literal["docker-py", "buildx"] = "docker-py",
        **build_kwargs: Any,
    ) -> None:
        if build_backend not in ("docker-py", "buildx"):
            raise ValueError(f"build_backend: 'docker-py' or 'buildx', not {build_backend!r}.")
        unknown = sorted(build_kwargs.keys() - OPTIONS.keys() - {"context"})
        if unknown:
            raise TypeError(f"{', '.join(unknown)}: not known of builds; known are context, {', '.join(OPTIONS)}.")
        bare, said = parse_image_tag(name)
        if tag and said:
            raise ValueError(f"tag: {tag!r}, but the name says {said!r} already; give one of them.")
        self.name = placed(bare)
        self.tag = tag or said or tag_of_now()
        if not (re.fullmatch(DIGEST, self.tag) or re.fullmatch(TAG, self.tag.partition("@")[0])):
            raise ValueError(f"tag: {self.tag!r} is no tag; letters, digits and _.- make one, at most 128.")
        self.dockerfile, self.stream_progress_to = dockerfile, stream_progress_to
        self.build_backend, self.build_kwargs = build_backend, build_kwargs

    @property
    def reference(self) -> str:
        """The name with the tag or the digest, as the command and job variables have it."""
        return f"{self.name}{'@' if re.fullmatch(DIGEST, self.tag) else ':'}{self.tag}"

    def build(self) -> None:
        """Build the image; BuildError if it cannot be, ValueError if there is no context or Dockerfile."""
        self.built()

    def built(self, further_tags: Sequence[str] = ()) -> str:
        """Build the image, with further tags beside its own; return its id."""
        if "@" in self.reference:
            raise ValueError(f"'{self.reference}' names an image that is built, by its digest: give build=False.")
        context = Path(self.build_kwargs.get("context") or Path.cwd()).resolve()
        if not context.is_dir():
            raise ValueError(f"context: there is no folder '{context}'.")
        with tempfile.TemporaryDirectory(prefix="lictor-image-") as folder:
            made = Path(folder) / "id"
            words = self.words(context, self.file(context, Path(folder)), made, further_tags)
            run_docker(words, self.stream_progress_to, BuildError)
            return made.read_text().strip() if made.exists() else ""

    def words(self, context: Path, file: Path, id_file: Path, further_tags: Sequence[str] = ()) -> list[str]:
        """Return what is said to the command: options with their values, and after `--` the folder alone."""
        said = {name: value for name, value in {"pull": True, **self.build_kwargs}.items() if value is not None}
        said.pop("context", None)
        return [
            *(("buildx", "build") if self.build_backend == "buildx" else ("build",)),
            *(f"--tag={each}" for each in (self.reference, *(f"{self.name}:{tag}" for tag in further_tags))),
            *(f"--file={file}", f"--iidfile={id_file}"),
            *(word for name, value in said.items() for word in OPTIONS[name][1](OPTIONS[name][0], value)),
            *("--", str(context)),
        ]

    def file(self, context: Path, folder: Path) -> Path:
        """Return where the Dockerfile is; one that is made up is written into a folder."""
        if self.dockerfile == AUTO:
            if (context / "Dockerfile").exists():
                raise ValueError(f"There is a Dockerfile in {context}: give dockerfile='Dockerfile' to use it.")
            made = folder / "Dockerfile"
            made.write_text(default_dockerfile(context), encoding="utf-8")
            if not (context / ".dockerignore").exists():
                Path(f"{made}.dockerignore").write_text("".join(f"**/{each}\n" for each in IGNORED), encoding="utf-8")
            return made
        found = (context / self.dockerfile).resolve()
        if not found.is_file():
            raise ValueError(f"dockerfile: there is no file '{found}'.")
        return found

    def push(self) -> None:
        """Push the image, unless building it did so; PushError if it cannot be."""
        if not self.build_kwargs.get("push"):
            run_docker(["push", "--", self.reference], self.stream_progress_to, PushError)

    def __repr__(self) -> str:
        return f"DockerImage({self.reference!r})"


def parse_image_tag(name: str) -> tuple[str, str | None]:
    """Return an image's name and its tag, digest or both, None if there are none; ValueError if it is no name."""
    whole, at, digest = name.partition("@")
    front, slash, last = whole.rpartition("/")
    last, colon, tag = last.partition(":")
    bare = f"{front}{slash}{last}"
    if not re.fullmatch(NAME, bare):
        raise ValueError(f"image: {name!r} is no image's name: lowercase letters, digits and ._- make it, / between.")
    if (at and not re.fullmatch(DIGEST, digest)) or (colon and not re.fullmatch(TAG, tag)):
        raise ValueError(f"image: {name!r} has no tag and no digest as images have.")
    return bare, "@".join(filter(None, (tag, digest))) or None


def placed(name: str) -> str:
    """Return an image's name below the default registry or folder, if it has none of its own."""
    before = current()[table.DEPLOYMENTS_DEFAULT_DOCKER_BUILD_NAMESPACE]
    return name if "/" in name or not before else f"{before.rstrip('/')}/{name}"


def tag_of_now() -> str:
    """Return a tag made of the time: no two builds have the same."""
    return re.sub(r"[^a-z0-9]+", "-", now().isoformat().lower())


def folder_in_image(context: Path) -> str:
    """Return where a made-up Dockerfile puts a folder."""
    return f"{IN_IMAGES}/{re.sub(r'[^a-zA-Z0-9_.-]+', '-', context.name) or 'flows'}"


def default_dockerfile(context: Path) -> str:
    """Return a Dockerfile for the flows in a folder: this version of Python and of Lictor, and who runs is not root.

    What a `requirements.txt` in it names is installed. Two build arguments change it: `BASE`, the image it stands on,
    and `LICTOR`, what pip is told to install. `prefect` is another name of the command there, as workers have it.
    Without a `.dockerignore` in the folder what is `IGNORED` stays out of the image.
    """
    folder = f"{folder_in_image(context)}/"
    install = 'pip --python "$(command -v python)" install --no-cache-dir'
    needed = [f"COPY requirements.txt {folder}", f"RUN {install} -r {folder}requirements.txt"]
    lines = [
        f"ARG BASE=python:{sys.version_info.major}.{sys.version_info.minor}-slim",
        "FROM ${BASE}",
        f'ARG LICTOR="lictor=={__version__}"',
        "USER root",
        f'RUN {install} "${{LICTOR}}" \\',
        ' && { command -v prefect || ln -s "$(command -v lictor)" /usr/local/bin/prefect; } \\',
        " && { id flows || useradd --create-home --home-dir /opt/flows flows; }",
        "ENV HOME=/opt/flows PREFECT_HOME=/opt/flows/.prefect",
        *(needed if (context / "requirements.txt").is_file() else ()),
        f"COPY --chown=flows . {folder}",
        f"WORKDIR {folder}",
        "USER flows",
    ]
    return "".join(f"{line}\n" for line in lines)


def run_docker(words: Sequence[str], stream: TextIO | None, error: type[Exception], entered: str = "") -> None:
    """Run the `docker` command; write what it prints to a stream, and raise an error with the end of it if it fails."""
    try:
        process = subprocess.Popen(  # noqa: S603 - options are written with their values, the rest follows `--`
            ["docker", *words],  # noqa: S607 - whichever docker there is
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        raise error(
            "The `docker` command is not installed here, which builds and pushes images: install it, or name an image "
            "that is there already with build=False."
        ) from None
    assert process.stdin is not None
    assert process.stdout is not None
    last: deque[str] = deque(maxlen=KEPT_LINES)
    with process:
        with suppress(BrokenPipeError):  # it ended without reading
            process.stdin.write(entered)
            process.stdin.close()
        for line in process.stdout:
            last.append(line)
            if stream is not None:
                stream.write(line)
                stream.flush()
    if process.returncode:
        said = "".join(last).strip()
        raise error(f"`docker {words[0]}` ended with exit code {process.returncode}: {said}")
