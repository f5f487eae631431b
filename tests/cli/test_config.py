"""`lictor config`, called as people and scripts call it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lictor.settings import table
from tests.running import clean_environment

Lictor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def lictor(tmp_path: Path) -> Lictor:
    """Call the command in a folder of its own, which is also its home."""

    def call(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lictor.cli.main", *words],
            cwd=tmp_path,
            env={**clean_environment(), "PREFECT_HOME": str(tmp_path), "COLUMNS": "160", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def rows(lictor: Lictor, *options: str, **environment: str) -> dict[str, dict[str, Any]]:
    done = lictor("config", "view", "--output", "json", *options, **environment)
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)}


def test_values_are_shown_with_their_sources(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PREFECT_LOGGING_LEVEL=error\nPREFECT_API_KEY=hidden\n")
    (tmp_path / ".env").chmod(0o600)
    (tmp_path / "prefect.toml").write_text("[server.events]\nretention_period = 90\n")
    (tmp_path / "pyproject.toml").write_text("[tool.prefect]\nclient.retry_extra_codes = [500]\n")
    found = rows(lictor, PREFECT_UI_ENABLED="off")
    assert {name: (row["value"], row["source"]) for name, row in found.items()} == {
        "PREFECT_HOME": (str(tmp_path), "env"),
        "PREFECT_SERVER_UI_ENABLED": ("false", "env"),
        "PREFECT_LOGGING_LEVEL": ("ERROR", ".env file"),
        "PREFECT_API_KEY": ("********", ".env file"),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": ("PT1M30S", "prefect.toml"),
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": ("[500]", "pyproject.toml"),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": ("true", "profile"),
    }
    shown = lictor("config", "view").stdout
    for text in ("Profile 'ephemeral'", "PREFECT_LOGGING_LEVEL", "ERROR", ".env file", "[500]", "********"):
        assert text in shown
    assert "hidden" not in shown
    assert ".env file" not in lictor("config", "view", "--hide-sources").stdout


def test_defaults_are_shown_on_demand(lictor: Lictor) -> None:
    found = rows(lictor, "--show-defaults")
    assert list(found) == sorted(setting.name for setting in table.SETTINGS)
    assert found["PREFECT_SERVER_API_PORT"] == {
        "name": "PREFECT_SERVER_API_PORT",
        "value": "4200",
        "source": "defaults",
    }
    assert found["PREFECT_API_URL"]["value"] is None
    assert "PREFECT_SERVER_API_PORT" not in rows(lictor, "--hide-defaults")


def test_sources_are_hidden_on_demand(lictor: Lictor) -> None:
    assert all(set(row) == {"name", "value"} for row in rows(lictor, "--hide-sources").values())


SECRETS = {
    "PREFECT_API_KEY": "hidden-key",
    "PREFECT_SERVER_API_AUTH_STRING": "me:hidden",
    "PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-Token": "hidden"}',
    "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://me:hidden@host/db",
    "PREFECT_API_URL": "http://me:hidden@host/api",
}


def test_secrets_are_shown_on_demand_only(lictor: Lictor) -> None:
    masked = rows(lictor, "--show-defaults", **SECRETS)
    assert "hidden" not in json.dumps(masked)
    assert masked["PREFECT_API_KEY"]["value"] == "********"
    assert masked["PREFECT_CLIENT_CUSTOM_HEADERS"]["value"] == '{"X-Token": "********"}'
    assert masked["PREFECT_API_URL"]["value"] == "http://me:********@host/api"
    revealed = rows(lictor, "--show-secrets", **SECRETS)
    assert {name: revealed[name]["value"] for name in SECRETS} == SECRETS
    assert "hidden" not in lictor("config", "view", **SECRETS).stdout


def test_what_is_set_is_stored_and_read(lictor: Lictor, tmp_path: Path) -> None:
    done = lictor("config", "set", "PREFECT_LOGGING_LEVEL=DEBUG", "PREFECT_API_KEY=hidden=x", "PREFECT_UI_ENABLED=no")
    assert done.returncode == 0
    assert "Set PREFECT_LOGGING_LEVEL to 'DEBUG'." in done.stdout
    assert "Set PREFECT_API_KEY (a secret)." in done.stdout
    assert "hidden" not in done.stdout + done.stderr
    file = tmp_path / "profiles.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = rows(lictor, "--show-secrets")
    assert found["PREFECT_API_KEY"] == {"name": "PREFECT_API_KEY", "value": "hidden=x", "source": "profile"}
    assert found["PREFECT_SERVER_UI_ENABLED"]["value"] == "false"
    assert found["PREFECT_SERVER_EPHEMERAL_ENABLED"]["value"] == "true"
    assert [path.name for path in tmp_path.iterdir()] == ["profiles.toml"]


def test_comments_and_other_profiles_stay(lictor: Lictor, tmp_path: Path) -> None:
    file = tmp_path / "profiles.toml"
    file.write_text(
        '# ours\nactive = "a" # chosen\n\n[profiles.a]\nPREFECT_API_URL = "http://a" # the old one\n'
        'PREFECT_UI_ENABLED = "yes"\n\n# the other\n[profiles.b]\nPREFECT_API_URL = "http://b"\n'
    )
    file.chmod(0o644)
    assert lictor("config", "set", "PREFECT_SERVER_UI_ENABLED=no", "PREFECT_API_KEY=k").returncode == 0
    content = file.read_text()
    for kept in (
        "# ours\n",
        "# chosen\n",
        "# the old one\n",
        "# the other\n",
        '[profiles.b]\nPREFECT_API_URL = "http://b"\n',
    ):
        assert kept in content
    assert "PREFECT_UI_ENABLED" not in content.replace("PREFECT_SERVER_UI_ENABLED", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_to_the_profiles_stays_a_link(lictor: Lictor, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "profiles.toml").symlink_to(real / "mine.toml")
    assert lictor("config", "set", "PREFECT_API_URL=http://x").returncode == 0
    assert (tmp_path / "profiles.toml").is_symlink()
    assert "http://x" in (real / "mine.toml").read_text()


def test_what_is_unset_has_its_default_again(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text("[profiles.ephemeral]\nPREFECT_UI_ENABLED = 'no'\nPREFECT_API_URL = 'x'\n")
    done = lictor("config", "unset", "PREFECT_SERVER_UI_ENABLED", "PREFECT_API_URL", "--yes")
    assert done.returncode == 0
    assert "Unset PREFECT_SERVER_UI_ENABLED." in done.stdout
    assert set(rows(lictor)) == {"PREFECT_HOME"}
    again = lictor("config", "unset", "PREFECT_API_URL", "-y")
    assert again.returncode == 1
    assert "PREFECT_API_URL is not set in the profile 'ephemeral'" in again.stderr


def test_a_source_that_wins_over_the_profile_is_named(lictor: Lictor) -> None:
    done = lictor("config", "set", "PREFECT_LOGGING_LEVEL=DEBUG", PREFECT_LOGGING_LEVEL="INFO")
    assert done.returncode == 0
    assert "PREFECT_LOGGING_LEVEL is set by env too, which wins over the profile" in done.stderr


REFUSED: dict[str, tuple[list[str], str]] = {
    "an unknown name": (["set", "PREFECT_API_UL=hidden"], "no setting PREFECT_API_UL; did you mean PREFECT_API_URL?"),
    "a name like no other": (["set", "NOTHING=hidden"], "There is no setting NOTHING; see `lictor config view"),
    "no value": (["set", "PREFECT_API_URL"], "write NAME=VALUE"),
    "a bad value": (
        ["set", "PREFECT_SERVER_API_PORT=x"],
        "PREFECT_SERVER_API_PORT 'x' cannot be read: use a whole number",
    ),
    "a bad secret": (
        ["set", "PREFECT_CLIENT_CUSTOM_HEADERS=hidden"],
        "PREFECT_CLIENT_CUSTOM_HEADERS cannot be read: use",
    ),
    "the home": (["set", "PREFECT_HOME=/x"], "PREFECT_HOME says where the profiles are: set it in the environment"),
    "the profiles": (["set", "PREFECT_PROFILES_PATH=/x"], "PREFECT_PROFILES_PATH says where the profiles are"),
    "an unknown name to unset": (["unset", "PREFECT_API_UL"], "did you mean PREFECT_API_URL?"),
    "a bad one among good ones": (["set", "PREFECT_API_URL=x", "PREFECT_SERVER_API_PORT=x"], "cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_said_in_a_line_and_changes_nothing(lictor: Lictor, tmp_path: Path, case: str) -> None:
    words, message = REFUSED[case]
    done = lictor("config", *words)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bad_value_ends_view_with_a_line(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / "prefect.toml").write_text("[server.api\n")
    done = lictor("config", "view")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{tmp_path}/prefect.toml, line 1, is not valid TOML" in done.stderr


def test_right_settings_are_valid(lictor: Lictor) -> None:
    done = lictor("config", "validate", PREFECT_API_URL="http://x/api", PREFECT_PROFILE="local")
    assert (done.returncode, done.stdout) == (0, "All settings are valid.\n")
    assert json.loads(lictor("config", "validate", "-o", "json").stdout) == []


def problems(lictor: Lictor, **environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = lictor("config", "validate", "--output", "json", **environment)
    return done.returncode, {problem["name"]: problem for problem in json.loads(done.stdout)}


def test_all_that_is_wrong_is_found_in_every_source(lictor: Lictor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PREFECT_API_DATABASE_PORT=x\nPREFECT_SERVER_API_PRT=1\nOTHER=1")
    (tmp_path / "prefect.toml").write_text("[server.api]\nprt = 1\nhost = 3\n[ui]\nserve_base = '/x'\n")
    (tmp_path / "pyproject.toml").write_text("[tool.prefect\n")
    (tmp_path / "profiles.toml").write_text("[profiles.ephemeral]\nPREFECT_CLOUD_MAX_LOG_SIZE = 'x'\nPREFECT_X = 1\n")
    code, found = problems(lictor, PREFECT_API_KEY="hidden", PREFECT_CLIENT_CUSTOM_HEADERS="hidden")
    assert code == 1
    assert {(name, each["level"], each["fix"]) for name, each in found.items()} == {
        ("PREFECT_CLIENT_CUSTOM_HEADERS", "error", 'use a JSON object, such as {"name": "value"}'),
        ("PREFECT_API_DATABASE_PORT", "error", "use a whole number"),
        ("PREFECT_SERVER_API_PRT", "error", "write PREFECT_SERVER_API_PORT"),
        ("server.api.prt", "error", "write server.api.port"),
        ("server.api.host", "error", "use a text, in quotes"),
        ("ui.serve_base", "note", "write server.ui.serve_base"),
        ("", "error", ""),
        ("PREFECT_CLOUD_MAX_LOG_SIZE", "error", "use a whole number"),
        ("PREFECT_X", "error", "take it out"),
    }
    assert f"{tmp_path}/pyproject.toml, line 1, is not valid TOML" in found[""]["problem"]
    assert found["PREFECT_SERVER_API_PRT"]["source"] == f"{tmp_path}/.env"
    assert "hidden" not in json.dumps(found)
    text = lictor("config", "validate").stdout
    assert (
        f"error: PREFECT_SERVER_API_PRT ({tmp_path}/.env): no setting has this name; write PREFECT_SERVER_API_PORT."
        in text
    )


@pytest.mark.parametrize(
    ("environment", "name", "problem"),
    [
        ({"PREFECT_UI_ENABLED": "1"}, "PREFECT_UI_ENABLED", "another name"),
        ({"PREFECT_API_ENABLE_HTTP2": "1"}, "PREFECT_API_ENABLE_HTTP2", "no effect"),
    ],
)
def test_a_note_fails_on_demand_only(lictor: Lictor, environment: dict[str, str], name: str, problem: str) -> None:
    code, found = problems(lictor, **environment)
    assert code == 0
    assert found[name]["level"] == "note"
    assert problem in found[name]["problem"]
    assert lictor("config", "validate", "--strict", **environment).returncode == 1


def test_other_errors_are_found(lictor: Lictor) -> None:
    code, found = problems(lictor, PREFECT_PROFILE="nobodys")
    assert (code, list(found)) == (1, [""])
    assert "the profile 'nobodys', which does not exist" in found[""]["problem"]
    code, found = problems(lictor, PREFECT_SERVER_DATABASE_DRIVER="postgresql+asyncpg")
    assert (code, list(found)) == (1, [""])
    assert "PREFECT_SERVER_DATABASE_HOST is not set" in found[""]["problem"]


@pytest.mark.parametrize("command", ["view", "set", "unset", "validate"])
def test_every_command_has_help_with_an_example(lictor: Lictor, command: str) -> None:
    assert f"Example: lictor config {command}" in lictor("config", command, "--help").stdout
