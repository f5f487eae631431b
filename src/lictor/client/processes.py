"""Starts processes that are clients too: they get this process's client settings in their environment.

Never on a command line, which everybody on the machine can read.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import Any

from lictor.settings import Settings, table
from lictor.settings.load import DEFAULTS
from lictor.settings.showing import as_text

HANDED_ON = frozenset({"api", "client", "home"})
"""The parts of the settings that a client needs, whichever source this process has them from."""


def client_environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment with the client settings that are not defaults, by their full names."""
    environment = dict(os.environ)
    for setting in table.SETTINGS:
        if setting.path.partition(".")[0] in HANDED_ON and settings.source(setting) != DEFAULTS:
            environment[setting.name] = as_text(setting, settings[setting], None)
    return environment


def start_process(command: Sequence[str], settings: Settings, **options: Any) -> subprocess.Popen[Any]:
    """Start a process in a group of its own, so that it can be ended with all that it starts.

    `options` are those of `subprocess.Popen`; an `env` among them is laid over what is handed on.
    """
    environment = client_environment(settings) | dict(options.pop("env", None) or {})
    return subprocess.Popen(command, env=environment, start_new_session=True, **options)  # noqa: S603 - what Lictor runs is given as a list
