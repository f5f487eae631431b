"""Imports go down only, and each outside library has its place."""

from __future__ import annotations

import ast
import subprocess
import sys
from statistics import median

import pytest

from tests.architecture.source import floor_of, functions, imports, modules, path_of

PUBLIC = (
    "concurrency",
    "artifacts",
    "blocks",
    "context",
    "events",
    "deployments",
    "docker",
    "exceptions",
    "filesystems",
    "flow_runs",
    "flows",
    "futures",
    "input",
    "logging",
    "runner",
    "runtime",
    "schedules",
    "states",
    "task_runners",
    "task_worker",
    "tasks",
    "workers",
    "utilities",
    "variables",
)
FACE = {"client", "engine", "kit", "sdk", "wire"}
BELOW: dict[str, set[str]] = {
    "kit": set(),
    "settings": {"kit"},
    "wire": {"kit"},
    "rules": {"kit", "wire"},
    "store": {"kit", "settings", "wire", "rules"},
    "orchestration": {"kit", "settings", "wire", "rules", "store"},
    "server": {"kit", "settings", "wire", "rules", "store", "orchestration"},
    "client": {"kit", "settings", "wire"},
    "engine": {"kit", "settings", "wire", "rules", "client"},
    "sdk": {"kit", "settings", "wire", "rules", "client", "engine"},
    "app": {"kit", "settings", "wire", "rules", "store", "orchestration", "server"},
    "testing": {"kit", "settings", "store", "server", "client", "engine"},
    "cli": {"kit", "settings", "wire", "rules", "store", "orchestration", "server", "client", "engine", "sdk", "app"},
    "": FACE,  # the package itself: its public names, and the modules of such names
    **dict.fromkeys(PUBLIC, FACE),
}
"""What each floor may import, beside itself and the package's version."""

PLACES: dict[str, set[str]] = {
    "starlette": {"server", "app"},
    "uvicorn": {"server", "app"},
    "sqlite3": {"store"},
    "asyncpg": {"store"},
    "httpx": {"client"},
    "pydantic": {"sdk"},
    "pydantic_core": {"wire"},
    "click": {"cli"},
    "rich": {"cli", "sdk", "logging"},
    "yaml": {"sdk"},
    "cryptography": {"kit"},
    "pytest": {"testing"},
    "jsonschema_rs": {"kit"},
    "jinja2": {"kit"},
    "dotenv": {"settings"},
    "tomllib": {"settings"},
    "tomlkit": {"settings"},
    "cloudpickle": {"engine"},
}
"""The floors that may import an outside library."""

FORBIDDEN_NAMES = {"utils", "util", "base", "core", "manager", "helpers", "_internal", "common_utils"}
MOST_LINES, MOST_FUNCTION_LINES, USUAL_FUNCTION_LINES = 500, 60, 10


@pytest.mark.parametrize("name", modules())
def test_a_module_imports_only_from_below(name: str) -> None:
    floor = floor_of(name)
    for imported, _ in imports(modules()[name]):
        if imported.startswith("lictor.") and floor_of(imported) != floor:
            assert floor_of(imported) in BELOW[floor], f"{name} imports {imported}"
        for library, floors in PLACES.items():
            if imported.split(".")[0] == library:
                assert floor in floors, f"{name} imports {imported}"


def test_only_the_clock_reads_the_time_of_day() -> None:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow") and isinstance(node.value, ast.Name):
                assert node.value.id != "datetime" or name == "lictor.kit.clock", name


def test_no_imports_go_in_circles() -> None:
    graph = {
        name: {each for each, _ in imports(tree, typing_too=False) if each in modules() and each != name}
        for name, tree in modules().items()
    }
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name not in done:
            for each in sorted(graph[name]):
                if not name.startswith(f"{each}."):  # a package's face may import its own modules
                    walk(each, (*above, name))
            done.add(name)

    for name in sorted(graph):
        walk(name, ())


LAZY = {
    "lictor.cli.block": {"lictor.sdk.block"},
    "lictor.cli.flow_run": {
        "lictor.cli.entrypoint",
        "lictor.engine.errors",
        "lictor.sdk.execution",
        "lictor.sdk.job_configuration",
    },
    "lictor.cli.worker": {"lictor.sdk.health"},
    "lictor.sdk.runner": {"lictor.sdk.health"},
    "lictor.cli.server": {"lictor.app"},
    "lictor.cli.services": {"lictor.app"},
    "lictor.store.opening": {"lictor.store.postgres", "lictor.store", "lictor.store.postgres_upkeep"},
    "lictor.sdk.pausing": {"lictor.sdk.run_input"},
    "lictor.sdk.pull_steps": {"lictor.sdk.block"},
}
"""Where a function may import a module of ours: the command line loads the server for one command alone, the server
the driver of its one database, a pause pydantic where it asks for something, and so a step that needs a block."""


@pytest.mark.parametrize("name", modules())
def test_no_function_imports_a_module_of_ours(name: str) -> None:
    for function in functions(modules()[name]):
        for imported, _ in imports(function):
            assert not imported.startswith("lictor") or imported in LAZY.get(name, ()), f"{function.name}: {imported}"


@pytest.mark.parametrize("name", modules())
def test_a_module_is_named_and_sized_as_agreed(name: str) -> None:
    assert name.rpartition(".")[2] not in FORBIDDEN_NAMES or name == "lictor.blocks.core"  # the reference's name
    assert ast.get_docstring(modules()[name]), "a module says in a sentence what it is"
    assert len(path_of(name).read_text().splitlines()) <= MOST_LINES
    for function in functions(modules()[name]):
        assert function.end_lineno is not None
        assert function.end_lineno - function.lineno < MOST_FUNCTION_LINES, function.name


def test_functions_are_usually_short() -> None:
    lengths = [
        (function.end_lineno or 0) - function.lineno + 1 for tree in modules().values() for function in functions(tree)
    ]
    assert median(lengths) <= USUAL_FUNCTION_LINES


ASKS = {"one", "maybe", "many", "write"}


@pytest.mark.parametrize("name", [name for name in modules() if floor_of(name) in ("store", "orchestration")])
def test_no_ask_is_made_and_forgotten(name: str) -> None:
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            assert not (isinstance(called, ast.Name) and (called.id in ASKS or called.id.isupper())), node.lineno
            assert not (
                isinstance(called, ast.Subscript) and isinstance(called.value, ast.Name) and called.value.id == "SQL"
            )


def test_importing_the_sdk_loads_nothing_heavy() -> None:
    code = "import sys; from lictor import flow, task; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    for heavy in ("pydantic", "httpx", "rich", "starlette", "uvicorn", "sqlite3", "asyncio", "click"):
        assert heavy not in loaded
    assert not [name for name in loaded if name.startswith(("lictor.server", "lictor.store", "lictor.orchestration"))]
