"""Highlighters by the names that configuration files have for them: which parts of a line have colours."""

from rich.highlighter import RegexHighlighter

from lictor.sdk.console import HIGHLIGHTS, LEVELS, NAMES, STATES, URLS


class LevelHighlighter(RegexHighlighter):
    """The levels."""

    base_style = "level."
    highlights = LEVELS


class UrlHighlighter(RegexHighlighter):
    """Addresses."""

    base_style = "url."
    highlights = URLS


class NameHighlighter(RegexHighlighter):
    """Names of flows, tasks and their runs."""

    base_style = "name."
    highlights = NAMES


class StateHighlighter(RegexHighlighter):
    """States."""

    base_style = "state."
    highlights = STATES


class PrefectConsoleHighlighter(RegexHighlighter):
    """All of them."""

    base_style = "log."
    highlights = HIGHLIGHTS
