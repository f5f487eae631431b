"""`lictor variable`, called as people and scripts call it."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_commands import Lictor, lictor, server

__all__ = ["lictor", "server"]


def said(lictor: Lictor, *words: str) -> str:
    done = lictor("variable", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_variable_is_set_shown_changed_and_removed(lictor: Lictor) -> None:
    assert "no variables yet" in said(lictor, "ls")
    said(lictor, "set", "limits", '{"low": [1, null]}', "--tag", "a", "--tag", "b")
    assert json.loads(said(lictor, "get", "limits")) == {"low": [1, None]}
    shown = json.loads(said(lictor, "inspect", "limits", "-o", "json"))
    assert (shown["name"], shown["value"], shown["tags"]) == ("limits", {"low": [1, None]}, ["a", "b"])
    refused = lictor("variable", "set", "limits", "2")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: There is a variable 'limits' already: change it with --overwrite.\n"
    said(lictor, "set", "limits", "plain text", "--overwrite")
    assert said(lictor, "get", "limits") == '"plain text"\n'
    assert "plain text" in said(lictor, "inspect", "limits")
    said(lictor, "set", "another", "x" * 100)
    (first, second) = json.loads(said(lictor, "ls", "-o", "json"))
    assert (first["name"], second["name"], second["tags"]) == ("another", "limits", [])
    assert "x" * 48 + "…" in said(lictor, "ls")
    said(lictor, "unset", "another")
    said(lictor, "delete", "limits")
    assert "no variables yet" in said(lictor, "ls")


@pytest.mark.parametrize("verb", ["get", "inspect", "unset", "delete"])
def test_a_variable_that_is_none_is_one_clear_line(lictor: Lictor, verb: str) -> None:
    done = lictor("variable", verb, "nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: There is no variable 'nothing' on this server.\n"


def test_a_name_that_cannot_be_is_refused_with_the_rule(lictor: Lictor) -> None:
    done = lictor("variable", "set", "Not A Name", "1")
    assert done.returncode == 1
    assert "lowercase letters, digits, dashes and underscores" in done.stderr
