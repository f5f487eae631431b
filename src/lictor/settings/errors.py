"""What is wrong with the settings, said in one line."""

from __future__ import annotations


class SettingsError(Exception):
    """A setting has a value that it cannot take; the message names the setting, its source and the fix."""
