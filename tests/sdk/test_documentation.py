"""The programs in the documentation run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import clean_environment

FOLDER = Path(__file__).parents[2] / "docs" / "how-to"
PAGES = {name: (FOLDER / name).read_text() for name in ("client.md", "flows.md", "server-away.md", "testing.md")}
BLOCK = re.compile(r"^## (.+?)\n.*?^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [(f"{name}: {title}", program) for name, page in PAGES.items() for title, program in BLOCK.findall(page)]


@pytest.mark.parametrize(("title", "program"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_a_program_runs(server: str, home: Path, title: str, program: str, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(program)
    environment = {**clean_environment(), "PREFECT_API_URL": server, "PREFECT_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, str(file)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_program_is_run() -> None:
    assert len(BLOCKS) == sum(page.count("```python") for page in PAGES.values()) >= 11
