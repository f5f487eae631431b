"""Builds what `deploy/Dockerfile` says and runs it as a container is run, without an engine for containers.

The steps that install are read from the Dockerfile and carried out by `bwrap` in a root of their own. What was installed
is then run as the file says: its user, environment, command and probe, with a root that nobody can write to.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.architecture.source import ROOT
from tests.running import READY_SECONDS, clean_environment

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
BWRAP = shutil.which("bwrap")
USER = "10001"
SYSTEM = ("bin", "etc", "lib", "lib32", "lib64", "sbin", "usr", "var")
"""What stands for the base image: folders of this machine, which are only read."""


class Step(NamedTuple):
    """An instruction of a Dockerfile."""

    word: str
    rest: str


def stages() -> dict[str, list[Step]]:
    """Return the steps of each stage by its name, those of the stage that it builds on first."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    found: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for line in filter(None, re.sub(r"\\\n\s*", "", text).splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.split()
            steps = found[name] = list(found.get(base, []))
        steps.append(Step(word, rest))
    return found


def last(steps: Sequence[Step], word: str) -> str:
    """Return what the last instruction of a kind says."""
    return next(step.rest for step in reversed(steps) if step.word == word)


def variables(steps: Sequence[Step], path: str) -> dict[str, str]:
    """Return what the stage's ENV instructions set."""
    pairs = (pair.split("=", 1) for step in steps if step.word == "ENV" for pair in step.rest.split())
    return {name: value.replace("$PATH", path) for name, value in pairs}


def root(*more: str) -> list[str]:
    """Return the command that makes a root in which only what is said in `more` can be written to."""
    python = getattr(sys, "_base_executable", sys.executable)
    base = ["--dir", "/image", "--dir", "/image/bin", "--symlink", python, "/image/bin/python"]
    for name in SYSTEM:
        place = Path("/", name)
        if place.is_symlink():
            base += ["--symlink", os.readlink(place), str(place)]
        elif place.exists():
            base += mount("--ro-bind", place, str(place))
    if not sys.base_prefix.startswith("/usr"):
        base += mount("--ro-bind", Path(sys.base_prefix), sys.base_prefix)
    return [str(BWRAP), "--die-with-parent", *base, "--proc", "/proc", "--dev", "/dev", *more, "--remount-ro", "/"]


def mount(how: str, here: Path, there: str) -> list[str]:
    """Return what puts a file or folder to its place, below folders that everybody may look into."""
    above = (word for each in reversed(Path(there).parents[:-1]) for word in ("--dir", str(each)))
    return [*above, how, str(here), there]


PATH = "/image/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Image:
    """What the stage `build` installs, and how the others run it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stages = stages()
        self.source, self.installed = folder / "src", folder / "opt"
        for each in (self.source, self.installed, folder / "tmp"):
            each.mkdir()

    def build(self) -> None:
        """Carry out the steps of the stage `build`."""
        steps = self.stages["build"]
        environment = {**clean_environment(), "PATH": PATH, "HOME": "/tmp", **variables(steps, PATH)}
        environment["PIP_NO_CACHE_DIR"] = "0"  # what other tests fetched need not be fetched again
        cache = Path.home() / ".cache"
        cache.mkdir(exist_ok=True)
        places = {self.source: "/src", self.installed: "/opt", self.folder / "tmp": "/tmp", cache: "/tmp/.cache"}
        made = root(*(word for here, there in places.items() for word in mount("--bind", here, there)))
        for step in steps:
            if step.word == "COPY":
                self.copy(step.rest.split()[:-1])
            elif step.word == "RUN":
                command = [*made, "--chdir", "/src", "/bin/sh", "-c", step.rest]
                done = subprocess.run(
                    command, env=environment, umask=0o022, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, f"{step.rest}\n{done.stdout}\n{done.stderr}"
        os.chmod(self.installed, 0o755)

    def copy(self, names: Sequence[str]) -> None:
        """Copy what is sent to the engine, as `.dockerignore` says."""
        lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
        assert lines[0] == "*"
        sent = [line[1:] for line in lines if line.startswith("!")]
        left_out = {line.rpartition("/")[2] for line in lines[1:] if not line.startswith("!")}
        for name in sent if list(names) == ["."] else names:
            assert name in sent
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.source / name, ignore=shutil.ignore_patterns(*left_out))
            else:
                shutil.copy(ROOT / name, self.source / name)

    def probe(self, stage: str) -> list[str]:
        """Return the command of a stage's HEALTHCHECK."""
        said: list[str] = json.loads(last(self.stages[stage], "HEALTHCHECK").partition("CMD ")[2])
        return said

    def environment(self, stage: str) -> dict[str, str]:
        """Return the environment that a stage's ENV instructions make."""
        return {"PATH": PATH, **variables(self.stages[stage], PATH)}


class Container:
    """A stage of the image that runs: as its user, with a root that is read-only, and without any capability.

    `given` is what the environment has besides, `files` which files and folders of this machine are read where. `data`
    is what lies at /data; it belongs to the image's user unless it is there already.
    """

    def __init__(
        self, image: Image, stage: str, data: Path, given: Mapping[str, str], files: Mapping[str, Path]
    ) -> None:
        self.image, self.stage, self.data = image, stage, data
        self.environment = {**image.environment(stage), **given}
        self.files = {"/opt/lictor": image.installed / "lictor", **files}
        self.log = image.folder / f"{stage}-{time.monotonic_ns()}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.pid = 0
        if not data.exists():
            data.mkdir(mode=0o700)
            os.chown(data, int(USER), int(USER))

    def __enter__(self) -> Self:
        """Start the stage's command as the first process of its container."""
        steps = self.image.stages[self.stage]
        assert last(steps, "USER") == f"{USER}:{USER}"
        assert last(steps, "VOLUME") == last(steps, "WORKDIR") == "/data"
        read = (word for there, here in self.files.items() for word in mount("--ro-bind", here, there))
        places = [*mount("--bind", self.data, "/data"), "--perms", "1777", "--tmpfs", "/tmp", *read]
        told, tell = os.pipe()
        alone = ["--unshare-pid", "--unshare-ipc", "--as-pid-1", "--info-fd", str(tell), "--chdir", "/data"]
        command = [*root(*places), *alone, *lowered("--pdeathsig=KILL"), *json.loads(last(steps, "CMD"))]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[tell]
            )
        os.close(tell)
        with os.fdopen(told) as info:
            self.pid = json.load(info)["child-pid"]
        return self

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container, as its probes are run."""
        inside = ["nsenter", f"--target={self.pid}", "--mount", "--pid", *lowered(), *command]
        return subprocess.run(
            inside, env=self.environment, cwd="/", capture_output=True, text=True, timeout=60, check=False
        )

    def wait(self) -> None:
        """Wait until the probe says that it is healthy."""
        deadline = time.monotonic() + READY_SECONDS
        while (asked := self.run(*self.image.probe(self.stage))).returncode != 0:
            assert self.process is not None
            ended = self.process.poll() is not None or time.monotonic() > deadline
            assert not ended, f"{asked.stdout}{asked.stderr}\n{self.log.read_text()}"

    def stop(self) -> int:
        """Tell it to end with the image's signal, and return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            os.kill(self.pid, signal.Signals[last(self.image.stages[self.stage], "STOPSIGNAL")])
        return self.process.wait(60)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            assert self.process is not None
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()


def lowered(*more: str) -> list[str]:
    """Return what a command begins with that has the image's user, and nothing beyond that."""
    user = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    return ["setpriv", *user, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", *more, "--"]
