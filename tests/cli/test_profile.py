"""`lictor profile`, called as people and scripts call it."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_config import Lictor, lictor

__all__ = ["lictor"]

STOCK = ["cloud", "ephemeral", "local", "test"]


def listed(lictor: Lictor, **environment: str) -> tuple[list[str], str | None]:
    """Return the names of the profiles, and the active one."""
    done = lictor("profile", "ls", "--output", "json", **environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return [row["name"] for row in found], next((row["name"] for row in found if row["active"]), None)


def stored(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "profiles.toml").read_text())


def test_the_stock_profiles_are_there_without_a_file(lictor: Lictor, tmp_path: Path) -> None:
    assert listed(lictor) == (STOCK, "ephemeral")
    assert listed(lictor, PREFECT_PROFILE="local") == (STOCK, "local")
    assert listed(lictor, PREFECT_PROFILE="nobodys") == (STOCK, None)
    shown = lictor("profile", "ls").stdout
    assert "*       ephemeral  1         built in" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_profile_lives(lictor: Lictor, tmp_path: Path) -> None:
    assert lictor("profile", "create", "staging", "--from", "local").returncode == 0
    assert stat.S_IMODE((tmp_path / "profiles.toml").stat().st_mode) == 0o600
    assert listed(lictor) == (sorted([*STOCK, "staging"]), "ephemeral")
    assert lictor("profile", "use", "staging").returncode == 0
    assert lictor("config", "set", "PREFECT_API_KEY=hidden").returncode == 0
    assert lictor("profile", "rename", "staging", "production").returncode == 0
    assert listed(lictor) == (sorted([*STOCK, "production"]), "production")
    assert stored(tmp_path)["profiles"]["production"] == {
        "PREFECT_API_URL": "http://127.0.0.1:4200/api",
        "PREFECT_API_KEY": "hidden",
    }
    refused = lictor("profile", "delete", "production", "--yes")
    assert refused.returncode == 1
    assert "is active; choose another first" in refused.stderr
    assert lictor("profile", "use", "local").returncode == 0
    assert lictor("profile", "delete", "production", "--yes").returncode == 0
    assert listed(lictor) == (STOCK, "local")
    assert stored(tmp_path) == {
        "active": "local",
        "profiles": {"local": {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}},
    }


def test_an_empty_profile_is_created(lictor: Lictor, tmp_path: Path) -> None:
    assert lictor("profile", "create", "two words.x").returncode == 0
    assert stored(tmp_path) == {"active": "ephemeral", "profiles": {"two words.x": {}}}
    assert "sets nothing" in lictor("profile", "inspect", "two words.x").stdout


def test_a_file_without_an_active_profile_gets_one(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text("# ours\n[profiles.a]\nPREFECT_API_URL = 'x'\n")
    assert lictor("profile", "use", "a").returncode == 0
    assert stored(tmp_path) == {"active": "a", "profiles": {"a": {"PREFECT_API_URL": "x"}}}
    assert "# ours" in (tmp_path / "profiles.toml").read_text()


def test_comments_stay_when_a_profile_is_renamed(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text(
        '# ours\nactive = "a"\n\n[profiles.a]\nPREFECT_API_URL = "x" # here\n\n# other\n[profiles.b]\n'
    )
    assert lictor("profile", "rename", "a", "c").returncode == 0
    content = (tmp_path / "profiles.toml").read_text()
    assert "# ours\n" in content
    assert 'PREFECT_API_URL = "x" # here\n' in content
    assert stored(tmp_path) == {"active": "c", "profiles": {"b": {}, "c": {"PREFECT_API_URL": "x"}}}


def test_a_profile_is_inspected_without_its_secrets(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text(
        'active = "a"\n[profiles.a]\nPREFECT_API_KEY = "hidden"\nPREFECT_UI_ENABLED = "no"\nPREFECT_X = "hidden"\n'
        "PREFECT_CLIENT_CUSTOM_HEADERS = 'hidden'\n"
    )
    expected = {
        "PREFECT_API_KEY": "********",
        "PREFECT_UI_ENABLED": "false",
        "PREFECT_X": "********",
        "PREFECT_CLIENT_CUSTOM_HEADERS": "********",
    }
    assert json.loads(lictor("profile", "inspect", "--output", "json").stdout) == expected
    shown = lictor("profile", "inspect", "a").stdout
    assert "Profile 'a'" in shown
    assert "hidden" not in shown
    revealed = json.loads(lictor("profile", "inspect", "a", "--show-secrets", "-o", "json").stdout)
    assert revealed["PREFECT_API_KEY"] == "hidden"
    named = json.loads(lictor("profile", "inspect", "local", "-o", "json").stdout)
    assert named == {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}


def test_a_choice_of_the_environment_is_named(lictor: Lictor) -> None:
    done = lictor("profile", "use", "local", PREFECT_PROFILE="test")
    assert done.returncode == 0
    assert "PREFECT_PROFILE chooses 'test' here, which wins" in done.stderr


def test_a_profile_is_chosen_for_one_command(lictor: Lictor) -> None:
    asked = ("config", "view", "--output", "json")
    (row,) = [row for row in json.loads(lictor("-p", "local", *asked).stdout) if row["name"] == "PREFECT_API_URL"]
    assert row["source"] == "profile"
    assert not [row for row in json.loads(lictor(*asked).stdout) if row["name"] == "PREFECT_API_URL"]
    refused = lictor("--profile", "nobodys", *asked)
    assert refused.returncode == 1
    assert "nobodys" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_active_profile_that_is_gone_can_be_replaced(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text('active = "gone"\n')
    assert lictor("config", "view").returncode == 1
    assert lictor("profile", "use", "local").returncode == 0
    assert lictor("config", "view").returncode == 0


MISTAKES: dict[str, tuple[list[str], str]] = {
    "use of an unknown one": (["use", "x"], "There is no profile 'x': use cloud, ephemeral, local, mine or test."),
    "inspection of an unknown one": (["inspect", "x"], "There is no profile 'x'"),
    "renaming an unknown one": (["rename", "x", "y"], "There is no profile 'x'"),
    "deleting an unknown one": (["delete", "x"], "There is no profile 'x'"),
    "copying an unknown one": (["create", "y", "--from", "x"], "There is no profile 'x'"),
    "a name that is taken": (["create", "mine"], "The profile 'mine' exists already"),
    "a name that a stock one has": (["create", "local"], "The profile 'local' exists already"),
    "a new name that is taken": (["rename", "mine", "local"], "The profile 'local' exists already"),
    "a name of nothing": (["create", " "], "A profile needs a name"),
    "a name of two lines": (["create", "a\nb"], "A profile needs a name"),
    "renaming a stock one": (["rename", "local", "x"], "The profile 'local' is built in"),
    "deleting a stock one": (["delete", "local"], "The profile 'local' is built in"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_said_in_a_line_and_changes_nothing(lictor: Lictor, tmp_path: Path, case: str) -> None:
    content = 'active = "mine"\n[profiles.mine]\n'
    (tmp_path / "profiles.toml").write_text(content)
    words, message = MISTAKES[case]
    done = lictor("profile", *words)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "profiles.toml").read_text() == content


@pytest.mark.parametrize("command", ["ls", "create", "use", "inspect", "rename", "delete"])
def test_every_command_has_help_with_an_example(lictor: Lictor, command: str) -> None:
    assert f"Example: lictor profile {command}" in lictor("profile", command, "--help").stdout
