"""How a setting's value is shown: as JSON, or as the text that would be read as it. Secrets are masked."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from lictor.kit.secret import Secret
from lictor.settings.reading import iso, numbers
from lictor.settings.setting import Setting

MASK = "**********"
"""What stands for a secret in answers of the server."""
PASSWORDS = r"(\w://[^/@\s:]*:)[^/\s]+(?=@)"


def plain(setting: Setting[Any], value: Any, mask: str | None = MASK) -> Any:
    """Return a setting's value as JSON can hold it; its secrets stand behind `mask`, or in clear where that is None."""
    if mask is not None and setting.secret and value:
        return dict.fromkeys(value, mask) if isinstance(value, dict) else mask
    if setting.kind is numbers and len(value) == 1:
        return int(value[0]) if value[0].is_integer() else value[0]
    return bare(value, mask)


def bare(value: Any, mask: str | None) -> Any:
    """Return a value as JSON can hold it; passwords in addresses stand behind the mask."""
    match value:
        case Secret():
            return value.reveal()
        case timedelta():
            return iso(value)
        case frozenset():
            return sorted(value)
        case dict():
            return {name: bare(item, mask) for name, item in value.items()}
        case str() if mask is not None:
            return re.sub(PASSWORDS, rf"\g<1>{mask}", value)
    return value


def as_text(setting: Setting[Any], value: Any, mask: str | None) -> str:
    """Return a value as the text that an environment variable would hold; nothing for what is not set."""
    shown = plain(setting, value, mask)
    if shown is None:
        return ""
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
