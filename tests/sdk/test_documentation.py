"""Every block in the documentation runs as it stands there, or is read by what reads such text."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import pytest
import yaml

from lictor.cli.main import lictor
from lictor.settings.load import Settings
from lictor.settings.sources import by_name
from tests.running import clean_environment

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

NOT_RUN = {
    "pip install": "installs the published package",
    "lictor server start": "tests/running.py starts one for all pages",
    "prefect": "the reference's command, which tests/reference runs",
    "./scripts": "continuous integration runs them",
    "docker": "no engine runs there; tests/deploy does what the Dockerfile says",
    "kubectl": "no cluster runs there",
    "sudo": "changes the machine",
    "pg_dump": "no server of that name",
    "pg_restore": "no server of that name",
    "git clone": "fetches the repository",
    "cd lictor": "what `git clone` would have made",
}
"""The first words of commands in `bash` blocks that are not run, and why. Those of `lictor` must still exist."""


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Place(NamedTuple):
    """Where the blocks of a page run: one after the other, in one folder."""

    folder: Path
    environment: Mapping[str, str]


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page, in order."""
    text = page.read_text()
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, found[2], textwrap.dedent(found[3]))


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def run_python(block: Block, place: Place) -> None:
    """Run a program, under the name that its first line says, which later blocks may use."""
    named = re.match(r"# (\w+\.py)\n", block.text)
    file = place.folder / (named[1] if named else f"block_{block.line}.py")
    file.write_text(block.text)
    if re.search(r"\bserve\(", block.text):
        serve(block, place, file)
    else:
        run(block, place, [sys.executable, str(file)])


def serve(block: Block, place: Place, file: Path) -> None:
    """Run a program that serves until it does, and tell it to end."""
    environment = {**place.environment, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, str(file)],
        cwd=place.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = "".join(iter(process.stdout.readline, "Serving, until it is interrupted:\n"))
        process.terminate()
        said += process.stdout.read()
    assert process.returncode == 0, f"{block}\n{said}"


def run_bash(block: Block, place: Place) -> None:
    """Run the commands that can run; `ID` stands for the latest flow run, and `/backups` for a folder."""
    script = []
    for command in re.split(r"(?<!\\)\n", block.text.strip()):
        if not_run(command):
            check_command(block, command)
        else:
            script.append(command.replace("/backups/", f"{place.folder}/"))
    text = "\n".join(script)
    if re.search(r"\bID\b", text):
        text = re.sub(r"\bID\b", latest_run(block, place), text)
    if "server database" in text and not (place.folder / "home" / "lictor.db").exists():
        run(block, place, [sys.executable, "-m", "lictor.cli.main", "server", "database", "upgrade"])
    run(block, place, ["bash", "-eu", "-o", "pipefail", "-c", text])


def run(block: Block, place: Place, command: list[str]) -> str:
    """Run a command in a page's folder, and return what it prints."""
    done = subprocess.run(
        command,
        cwd=place.folder,
        env=place.environment,
        input="y\n",  # to what commands ask
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def latest_run(block: Block, place: Place) -> str:
    """Return the id of the newest flow run."""
    listing = [sys.executable, "-m", "lictor.cli.main", "flow-run", "ls", "--limit", "1", "--output", "json"]
    return str(json.loads(run(block, place, listing))[0]["id"])


def words_of(command: str) -> list[str]:
    """Return the words of a command without the settings before it."""
    words = shlex.split(command, comments=True)
    while words and re.match(r"\w+=", words[0]):
        words.pop(0)
    return words


def not_run(command: str) -> bool:
    """Whether a command is one of those that are not run."""
    said = " ".join(words_of(command))
    return any(said == start or said.startswith((f"{start} ", f"{start}/")) for start in NOT_RUN)


def check_command(block: Block, command: str) -> None:
    """Check that a command of `lictor` that is not run exists, with its options."""
    words = words_of(command)
    if words[0] != "lictor":
        return
    found: click.Command = lictor
    for word in words[1:]:
        if isinstance(found, click.Group):
            below = found.get_command(click.Context(found), word)
            assert below is not None, f"{block}: no command {word!r}"
            found = below
        elif word.startswith("-"):
            known = {name for each in found.params for name in (*each.opts, *each.secondary_opts)}
            assert word.split("=")[0] in known, f"{block}: no option {word}"


def read_settings(block: Block, place: Place) -> None:
    """Read lines of settings as the environment has them."""
    given = dict(line.split("=", 1) for line in block.text.splitlines() if line and not line.startswith("#"))
    unknown = [name for name in given if name not in by_name()]
    assert not unknown, f"{block}: {unknown}"
    Settings(given)


def read_cron(block: Block, place: Place) -> None:
    """Check that lines of a crontab have five fields of a time, and a command that exists."""
    for line in block.text.strip().splitlines():
        *times, command = line.split(maxsplit=5)
        assert all(re.fullmatch(r"[\d*/,-]+", each) for each in times), f"{block}: {line}"
        check_command(block, command)


def read_nginx(block: Block, place: Place) -> None:
    """Let nginx check a part of its configuration."""
    if NGINX is None and os.environ.get("CI") != "true":
        return
    file = place.folder / "nginx.conf"
    log = f"error_log {place.folder}/log; pid {place.folder}/pid;"
    file.write_text(f"{log} events {{}} http {{ access_log off; {block.text} }}")
    run(block, place, [NGINX or "nginx", "-t", "-q", "-e", f"{place.folder}/log", "-c", str(file)])


def read_text(block: Block, place: Place) -> None:
    """Check that what is to be read alone holds no command to type."""
    for line in block.text.splitlines():
        assert not re.match(r"(\$ )?(lictor|pip|python|export) ", line), f"{block}: {line!r} belongs in a bash block"


def read_console(block: Block, place: Place) -> None:
    """Check that a recorded session shows only commands that run elsewhere."""
    for line in block.text.splitlines():
        assert not line.startswith("$ ") or not_run(line[2:]), f"{block}: {line!r} belongs in a bash block"


READERS: dict[str, Callable[[Block, Place], object]] = {
    "python": run_python,
    "bash": run_bash,
    "console": read_console,
    "mermaid": read_text,
    "ini": read_settings,
    "cron": read_cron,
    "nginx": read_nginx,
    "text": read_text,
    "json": lambda block, place: json.loads(block.text),
    "toml": lambda block, place: tomllib.loads(block.text),
    "yaml": lambda block, place: list(yaml.safe_load_all(block.text)),
}


@pytest.fixture
def place(server: str, tmp_path: Path) -> Place:
    """A folder for a page, with `lictor` and `python` of this environment, and the tests' server."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in {"lictor": "-m lictor.cli.main", "python": ""}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        program.chmod(0o755)
    environment = clean_environment() | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PREFECT_API_URL": server,
        "PREFECT_HOME": str(tmp_path / "home"),
    }
    return Place(tmp_path, environment)


def pages_with_blocks() -> list[Path]:
    """Return the pages that have any block."""
    return list(dict.fromkeys(block.page for block in BLOCKS))


@pytest.mark.parametrize("page", pages_with_blocks(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_work(page: Path, place: Place) -> None:
    for block in BLOCKS:
        if block.page == page:
            assert block.language in READERS, f"{block}: say what it is: {', '.join(READERS)}"
            READERS[block.language](block, place)


def test_every_block_is_found() -> None:
    fences = sum(len(re.findall(r"^ *```", page.read_text(), re.MULTILINE)) for page in PAGES)
    assert fences == 2 * len(BLOCKS) >= 200
