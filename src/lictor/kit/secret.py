"""A text that cannot print itself."""

from __future__ import annotations

import hmac

from lictor.kit.masking import hide


class Secret:
    """Holds a secret text; only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def get_secret_value(self) -> str:
        """Return the text itself for a user's code; log lines show a mask for it from then on."""
        hide(self._text)
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return "Secret('**********')" if self._text else "Secret('')"

    def __str__(self) -> str:
        return "**********" if self._text else ""
