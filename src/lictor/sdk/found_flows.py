"""Finds flows in Python files by their decorators, without running the files."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "build", "dist"})
"""Folders that hold no flows of the user's own; hidden ones are left out, too."""
MOST_FILES = 2_000
"""How many files are looked into, so that a large folder does not take long."""


def flows_below(folder: Path) -> Iterator[str]:
    """Yield the flows of Python files in a folder and below it, as entrypoints seen from there."""
    looked = 0
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in LEFT_OUT and not each.startswith("."))
        for name in sorted(each for each in files if each.endswith(".py")):
            looked += 1
            if looked > MOST_FILES:
                return
            file = Path(at, name)
            try:
                tree = ast.parse(file.read_bytes())
            except (OSError, SyntaxError, ValueError):
                continue
            functions = [each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
            yield from (f"{file.relative_to(folder)}:{each.name}" for each in functions if is_flow(each))


def is_flow(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function has `@flow`, `@flow(…)` or `@….flow`."""
    named = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    return any(getattr(each, "id", getattr(each, "attr", "")) == "flow" for each in named)
