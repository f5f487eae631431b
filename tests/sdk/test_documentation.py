"""The programs in the documentation run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import clean_environment

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "flows.md"
BLOCKS = re.findall(r"^## (.+?)\n.*?^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


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
    assert len(BLOCKS) == PAGE.read_text().count("```python") >= 7
