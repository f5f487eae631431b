"""Programs find the reference's public names in the modules of the same names, save those that a table lists."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from tests.reference.names import MISSING, MODULES
from tests.sdk.test_client_reference import looked

LOOK = """
import importlib, inspect, json, sys, typing

def public(module):
    listed = set(getattr(module, "__all__", ()))
    for name in {*dir(module), *listed}:
        value = getattr(module, name, None)
        own = name in listed or getattr(value, "__module__", None) == module.__name__
        if own and name[0] != "_" and not inspect.ismodule(value) and type(value).__name__ not in ("TypeVar", "ParamSpec"):
            yield name

print(json.dumps({
    name: sorted(public(importlib.import_module(f"prefect.{name}".rstrip("."))))
    for name in sys.argv[1].split(",")
}))
"""


@pytest.fixture(scope="module")
def theirs() -> dict[str, list[str]]:
    """The public names of the reference's modules."""
    found: dict[str, list[str]] = json.loads(looked(LOOK, ",".join(MODULES)))
    return found


def test_public_names_are_there_or_listed_with_a_reason(theirs: dict[str, list[str]]) -> None:
    lacking = {
        f"{module}.{name}".lstrip(".")
        for module in MODULES
        for name in theirs[module]
        if not hasattr(import_module(f"lictor.{module}".rstrip(".")), name)
    }
    listed = [name for names in MISSING.values() for name in names]
    assert len(listed) == len(set(listed))
    assert lacking == set(listed)
