"""Every option, declared once in `table`, and read from the environment by `load`."""

from lictor.settings import table
from lictor.settings.load import Settings, SettingsError, current, nested, reset
from lictor.settings.setting import Setting

__all__ = ["Setting", "Settings", "SettingsError", "current", "nested", "reset", "table"]
