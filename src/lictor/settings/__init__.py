"""Every option, declared once in `table`, and read from all its sources by `current`."""

from lictor.settings import table
from lictor.settings.errors import SettingsError
from lictor.settings.load import Settings, current, nested, reset, temporary_settings
from lictor.settings.setting import Setting

__all__ = ["Setting", "Settings", "SettingsError", "current", "nested", "reset", "table", "temporary_settings"]
