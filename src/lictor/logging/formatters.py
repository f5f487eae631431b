"""Formatters by the names that configuration files have for them."""

from lictor.sdk.log_formatters import Formatter, JsonFormatter
from lictor.sdk.log_formatters import RunFormatter as PrefectFormatter

__all__ = ["Formatter", "JsonFormatter", "PrefectFormatter"]
