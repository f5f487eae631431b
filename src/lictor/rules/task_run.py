"""The rules of task runs, in order."""

from __future__ import annotations

from lictor.rules.transition import Rules

RULES: Rules = ()
