"""Starts processes that are clients too: they get this process's client settings in their environment.

Never on a command line, which everybody on the machine can read. The server's secrets are handed to servers alone: a
worker that is started with them in its environment does not hand them to the flows that it runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from lictor.settings import Settings, table
from lictor.settings.load import DEFAULTS
from lictor.settings.showing import as_text
from lictor.settings.sources import upper

if TYPE_CHECKING:
    import subprocess

HANDED_ON = frozenset({"api", "client", "home"})
"""The parts of the settings that a client needs, whichever source this process has them from."""
SERVER = "server"
"""The part that servers alone need."""
ITS_SECRETS = frozenset(
    name
    for setting in table.SETTINGS
    for name in setting.names
    if setting.path.startswith(f"{SERVER}.") and (setting.secret or setting.path.endswith(("_file", ".docket.url")))
)
"""The environment variables with the server's secrets, and with the files that hold them."""


def client_settings(settings: Settings, further: Set[str] = frozenset()) -> dict[str, str]:
    """Return the client settings that are not defaults, as environment variables, secrets among them.

    `further` names more parts of the settings to hand on.
    """
    parts = HANDED_ON | further
    return {
        setting.name: as_text(setting, settings[setting], None)
        for setting in table.SETTINGS
        if setting.path.partition(".")[0] in parts and settings.source(setting) != DEFAULTS
    }


def start_process(
    command: Sequence[str], settings: Settings, further: Set[str] = frozenset(), **options: Any
) -> subprocess.Popen[Any]:
    """Start a process in a group of its own, so that it can be ended with all that it starts.

    `further` are parts of the settings that it gets too, `options` are those of `subprocess.Popen`; an `env` among them
    is laid over what is handed on, and null in it takes a variable away.
    """
    import subprocess  # noqa: PLC0415  # few processes start others

    mine = os.environ if SERVER in further else without_secrets(os.environ, settings)
    laid = {**mine, **client_settings(settings, further), **(options.pop("env", None) or {})}
    environment = {name: value for name, value in laid.items() if value is not None}
    return subprocess.Popen(command, env=environment, start_new_session=True, **options)  # noqa: S603 - what Lictor runs is given as a list


def without_secrets(environment: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return an environment without the server's secrets; who gets none of them starts no server of its own either."""
    kept = {name: value for name, value in environment.items() if upper(name) not in ITS_SECRETS}
    if len(kept) < len(environment) and settings[table.API_URL] is None:
        kept[table.SERVER_EPHEMERAL_ENABLED.name] = "false"
    return kept
