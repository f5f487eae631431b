"""Every setting of the reference is in the table, with its default, type and other names."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lictor.settings import Setting, Settings, nested, table
from lictor.settings.reading import iso
from lictor.settings.unbuilt import UNBUILT

Row = dict[str, Any]
REFERENCE: list[Row] = json.loads((Path(__file__).parent / "reference_settings.json").read_text())
BY_PATH = {setting.path: setting for setting in table.SETTINGS}
DIFFERENT: dict[str, Any] = {
    "server.analytics_enabled": False,  # nothing is sent to anyone
    "server.logs.stream_out_enabled": True,  # streaming costs nothing where nobody listens
}
"""Defaults that differ from the reference's on purpose."""
LATER = {"server.services.db_vacuum.orphan_cleanup_loop_seconds"}
"""Settings that the reference got after the list of its settings was made."""
TYPES = {
    "anything": {"any"},
    "a text": {"string"},
    "a path": {"string"},
    "a secret": {"string"},
    "an address": {"string"},
    "a log level": {"string"},
    "one of": {"string"},
    "a duration": {"string"},
    "true or false": {"boolean"},
    "a whole number": {"integer"},
    "a port": {"integer"},
    "a number": {"number"},
    "a number, or a list": {"integer or number or array", "string or integer or number or array"},
    "HTTP statuses": {"string or integer or array"},
    "names": {"array", "string or array"},
    "true, false, or names": {"array or boolean"},
    "a table": {"object"},
}
"""What the reference's types are called here; the longest begin of a kind's name counts."""


def types_of(setting: Setting[Any]) -> set[str]:
    return TYPES[max((begin for begin in TYPES if setting.kind.name.startswith(begin)), key=len)]


def as_listed(value: Any) -> str:
    """Return a default as the list of the reference's settings writes it."""
    match value:
        case timedelta():
            return iso(value)
        case [float(one)]:
            return f"{one:g}"
        case []:
            return "None"
        case dict() | list():
            return json.dumps(value, default=iso)
    return str(value)


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: row["name"])
def test_a_setting_of_the_reference_is_there(row: Row) -> None:
    setting = BY_PATH[row["name"]]
    assert not setting.own
    assert list(setting.aliases) == row["aliases"]
    assert row["type"].removesuffix("?") in types_of(setting)
    if row["name"] in DIFFERENT:
        assert setting.default == DIFFERENT[row["name"]]
    elif row["default"] == "(computed)":
        assert Settings({})[setting] is not None
    elif row["type"] in ("number", "number?") and row["default"] != "None":
        assert setting.default == float(row["default"])
    else:
        assert as_listed(setting.default) == row["default"]


@pytest.mark.parametrize("row", [row for row in REFERENCE if row["type"].endswith("?")], ids=lambda row: row["name"])
def test_what_may_be_unset_there_may_be_unset_here(row: Row) -> None:
    setting = BY_PATH[row["name"]]
    unset = Settings({setting.name: ""})[setting]
    assert unset == Settings({})[setting] or not unset


def test_the_other_settings_are_lictors_own() -> None:
    listed = {row["name"] for row in REFERENCE}
    assert len(listed) == 225
    others = [setting for setting in table.SETTINGS if setting.path not in listed | LATER]
    assert others
    assert all(setting.own and setting.effect for setting in others)


OWN: dict[str, Any] = {
    "api.auth_string_file": None,
    "server.database.password_file": None,
    "server.api.previous_auth_string": None,
    "server.api.auth_string_file": None,
    "server.api.previous_auth_string_file": None,
    "server.trusted_proxies": "",
    "server.tls.cert_file": None,
    "server.tls.key_file": None,
    "server.limits.body_bytes": 16777216,
    "server.limits.json_depth": 200,
    "server.limits.handshake_seconds": 10.0,
    "server.limits.first_frame_bytes": 65536,
    "server.limits.name_length": 4096,
    "server.limits.echo_bytes": 4096,
    "server.limits.header_bytes": 65536,
    "server.limits.header_lines": 200,
    "server.limits.requests": 1000,
    "server.limits.sockets": 1000,
    "server.limits.stalled_seconds": 30.0,
    "server.session.idle_timeout": timedelta(hours=8),
    "server.session.absolute_timeout": timedelta(days=7),
    "server.retention.logs": None,
}


@pytest.mark.parametrize("path", OWN)
def test_a_setting_of_lictors_own_has_its_default(path: str) -> None:
    assert BY_PATH[path].own
    assert BY_PATH[path].default == OWN[path]


def test_a_row_is_named_by_its_path_and_says_what_it_does() -> None:
    for setting in table.SETTINGS:
        assert getattr(table, setting.path.replace(".", "_").upper()) is setting
        assert setting.doc.endswith(".")
        assert setting.doc.count(". ") == 0
    names = [name for setting in table.SETTINGS for name in setting.names]
    assert len(names) == len(set(names))
    places = [place for setting in table.SETTINGS for place in setting.paths]
    assert len(places) == len(set(places))


def leaves(tree: dict[str, Any], above: str = "") -> set[str]:
    tables = {"client.custom_headers", "server.services.db_vacuum.event_retention_overrides"}
    found: set[str] = set()
    for name, value in tree.items():
        path = above + name
        found |= leaves(value, f"{path}.") if isinstance(value, dict) and path not in tables else {path}
    return found


def test_the_answer_has_every_setting_but_lictors_own() -> None:
    assert leaves(nested(Settings({}))) == {row["name"] for row in REFERENCE} | LATER


FOLLOWED = ("auth_strings.py", "computed.py", "load.py")
"""Modules of the settings that go by the values of others."""


def test_a_setting_says_whether_it_is_read() -> None:
    files = [
        path for path in Path("src/lictor").rglob("*.py") if path.parent.name != "settings" or path.name in FOLLOWED
    ]
    read = set(re.findall(r"table\.([A-Z0-9_]+)\b", "\n".join(path.read_text() for path in files)))
    unread = {setting.path for setting in table.SETTINGS if setting.name.removeprefix("PREFECT_") not in read}
    cloud = {"cloud.api_url", "cloud.ui_url"}  # one follows from the other, and from there on nothing goes by them
    assert unread | cloud == UNBUILT | {setting.path for setting in table.SETTINGS if not setting.effect}
    assert not UNBUILT & {setting.path for setting in table.SETTINGS if not setting.effect}
