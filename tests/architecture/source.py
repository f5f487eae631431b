"""The project's own source, as the tests of its shape see it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "src" / "lictor"


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name."""
    return {name_of(path): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def name_of(path: Path) -> str:
    """Return a module's dotted name."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(name: str) -> Path:
    """Return a module's file."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


FACES = ("lictor.client.orchestration", "lictor.client.schemas")
"""Modules of public names that are called as if they stood on a floor."""


def floor_of(name: str) -> str:
    """Return the floor that a module stands on; modules beside the floors stand for themselves."""
    if name.startswith(FACES):
        return ""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def is_type_checking(node: ast.AST) -> bool:
    """Tell whether a statement is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(tree: ast.AST, *, typing_too: bool = True) -> Iterator[tuple[str, ast.AST]]:
    """Yield the dotted names that a module imports."""
    for node in ast.iter_child_nodes(tree):
        if is_type_checking(node) and not typing_too:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole if whole in modules_by_name() else node.module), node
        else:
            yield from imports(node, typing_too=typing_too)


@cache
def modules_by_name() -> frozenset[str]:
    """The dotted names of all modules."""
    return frozenset(name_of(path) for path in PACKAGE.rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield all functions of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def tracked() -> list[Path]:
    """Return the files that belong to the project, as text files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
