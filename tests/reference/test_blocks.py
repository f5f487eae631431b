"""What one SDK saves in blocks the other loads, from either server; the built-in types are there for both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from lictor import __version__
from tests.reference.conftest import Start
from tests.running import Server


def seen(word: str) -> dict[str, Any]:
    """Return what is loaded of the blocks that were saved under a word."""
    return {
        "key": f"key of {word}",
        "number": 3,
        "inner": f"inner-{word}",
        "login": ["u", f"password of {word}"],
        "headers": {"token": f"token of {word}"},
        "choice": "text",
        "secret": {"deep": [word]},
        "files": f"/{word}",
        "placeholder": f"prefect.blocks.kept-outer.outer-{word}",
        "built_in": {
            "hook": [f"https://example.com/{word}", {"token": f"hook of {word}"}, "POST", True],
            "far": [f"memory://{word}", {"use_listings_cache": True}],
            "share": [f"smb://h/{word}", f"share of {word}", None],
            "slack": [f"https://hooks.slack.com/services/T1/B2/{word}", "info", True],
            "pager": [f"key-of-{word}", "https://example.com/x", "eu"],
            "custom": ["https://example.com/{{token}}", {"a": "{{body}}"}, {"token": word}],
        },
    }


def ids(server: Server, slug: str) -> list[str]:
    """Return the ids of a block type's schemas."""
    owner = httpx.get(f"{server.url}/block_types/slug/{slug}", timeout=60).json()["id"]
    wanted = {"block_schemas": {"block_type_id": {"any_": [owner]}}}
    found = httpx.post(f"{server.url}/block_schemas/filter", json=wanted, timeout=60).json()
    return [each["id"] for each in found]


@pytest.mark.parametrize("place", ["lictor", "prefect"])
def test_what_one_saves_the_other_loads(
    place: str, run: Callable[..., Any], request: pytest.FixtureRequest, start: Start
) -> None:
    server: Server = request.getfixturevalue("lictor_server" if place == "lictor" else "reference_server")
    known = ids(server, "secret")

    def kept(sdk: str, action: str, word: str) -> None:
        done = run(sdk, server, "keeping.py", action, word)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1]) == seen(word)

    kept("prefect", "save", "theirs")
    assert ids(server, "secret") == known, "the reference's client has nothing to register of the built-in types"
    kept("lictor", "load", "theirs")
    kept("lictor", "save", "ours")
    kept("prefect", "load", "ours")
    assert len(ids(server, "kept-outer")) == 1, "both compute one checksum of one class"


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without the types that other tests leave, some of which the reference's client cannot read."""
    with Server(tmp_path_factory.mktemp("own")) as server:
        yield server


def test_the_references_command_line_shows_blocks(own_server: Server, start: Start, run: Callable[..., Any]) -> None:
    assert run("prefect", own_server, "keeping.py", "save", "listed").returncode == 0
    for words, text in (
        (("block", "ls"), "secret/secret-listed"),
        (("block", "type", "ls"), "local-file-system"),
        (("block", "type", "inspect", "keptinner"), "What is inside"),
        (("block", "inspect", "keptinner/inner-listed"), "********"),
        (("block", "delete", "keptinner/inner-listed"), "Deleted"),
    ):
        process = start("prefect", own_server, None, *words)
        said, wrong = process.communicate(timeout=240)
        assert process.returncode == 0, said + wrong
        assert text in said
        assert "key of listed" not in said


def test_the_built_in_types_are_those_of_the_reference(lictor_server: Server, reference_server: Server) -> None:
    def registered(server: Server) -> dict[Any, Any]:
        types = httpx.post(f"{server.url}/block_types/filter", json={}, timeout=60).json()
        own = {each["id"]: each["slug"] for each in types}
        found = httpx.post(f"{server.url}/block_schemas/filter", json={}, timeout=60).json()
        return {
            (own[each["block_type_id"]], each["checksum"]): (
                sorted(each["capabilities"]),
                each["fields"].get("secret_fields"),
                sorted(each["fields"].get("properties", ())),
                each["fields"].get("required"),
            )
            for each in found
            if "properties" in each["fields"]  # those that other tests made have none
            and each["version"] not in ("non-versioned", __version__)
            and not own[each["block_type_id"]].startswith("kept")
        }

    theirs = registered(reference_server)
    ours = registered(lictor_server)
    assert len(theirs) > 50
    assert {key: ours.get(key) for key in theirs} == theirs
