"""What loggers write where: the defaults, or the file `logging.config_path`, with overrides of the environment.

The file is that of `logging.config` in YAML. `$NAME` and `${NAME}` stand for settings; names in `prefect.logging` are
taken as those in `lictor.logging`. `PREFECT_LOGGING_<PATH>_<TO>_<KEY>` is another value of a key that is there.
"""

from __future__ import annotations

import logging
import logging.config
import os
import re
import string
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from lictor.sdk.console import STYLES
from lictor.sdk.log_formatters import FLOW_RUN_FORMAT, FORMAT, TASK_RUN_FORMAT, TIME
from lictor.settings import Settings, SettingsError, table
from lictor.settings.reading import boolean
from lictor.settings.showing import as_text

PREFIX = "PREFECT_LOGGING_"
THEIRS, OURS = "prefect.logging.", "lictor.logging."

Undo = list[Callable[[], object]]
Path_ = tuple[str, ...]


def defaults(settings: Settings) -> dict[str, Any]:
    """Return the configuration that holds where there is no file."""
    level, internal = settings[table.LOGGING_LEVEL], settings[table.INTERNAL_LOGGING_LEVEL]
    runs = {"level": "NOTSET", "handlers": ["api"]}
    about_itself = {"level": min(internal, "WARNING", key=lambda name: logging.getLevelNamesMapping()[name])}
    return {
        "version": 1,
        "formatters": {
            "simple": {"format": "%(asctime)s.%(msecs)03d | %(message)s", "datefmt": TIME},
            "standard": {
                "()": "lictor.logging.formatters.PrefectFormatter",
                "format": FORMAT,
                "flow_run_fmt": FLOW_RUN_FORMAT,
                "task_run_fmt": TASK_RUN_FORMAT,
                "datefmt": TIME,
            },
            "debug": {
                "format": "%(asctime)s.%(msecs)03d | %(levelname)-7s | %(threadName)-12s | %(name)s - %(message)s",
                "datefmt": TIME,
            },
            "json": {"class": "lictor.logging.formatters.JsonFormatter", "format": "default"},
        },
        "handlers": {
            "console": {
                "level": 0,
                "class": "lictor.logging.handlers.PrefectConsoleHandler",
                "formatter": "standard",
                "stream": "ext://sys.stderr",
                "styles": dict(STYLES),
            },
            "api": {"level": 0, "class": "lictor.logging.handlers.APILogHandler"},
            "debug": {
                "level": 0,
                "class": "lictor.logging.handlers.StreamHandler",
                "formatter": "debug",
                "stream": "ext://sys.stderr",
            },
            "worker_api": {"level": 0, "class": "lictor.logging.handlers.WorkerAPILogHandler"},
        },
        "loggers": {
            "prefect": {"level": level},
            "prefect.extra": {"level": level, "handlers": ["api"], "propagate": False},
            "prefect.flow_runs": runs,
            "prefect.task_runs": runs,
            "prefect.workers": {"level": "NOTSET", "handlers": ["worker_api"]},
            "lictor": {"level": level},
            "lictor.flow_runs": runs,
            "lictor.task_runs": runs,
            "lictor.client": about_itself,
            "lictor.engine": about_itself,
            "lictor.settings": about_itself,
            "lictor.server": {"level": settings[table.SERVER_LOGGING_LEVEL]},
            "lictor.store": {"level": settings[table.SERVER_LOGGING_LEVEL]},
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
    }


def configure(settings: Settings, environment: Mapping[str, str] = os.environ) -> Undo:
    """Set up the loggers by the file or the defaults; return what takes that back."""
    file = Path(settings[table.LOGGING_CONFIG_PATH])
    given = read(file, settings) if file.is_file() else None
    config = overridden(defaults(settings) if given is None else given, environment)
    where = table.LOGGING_CONFIG_PATH.name if given is None else str(file)
    try:
        configurator = Configurator(config, by_file=given is not None)
        configurator.apply()
    except (ValueError, TypeError, AttributeError, ImportError, KeyError) as wrong:
        reason = wrong.__cause__ or wrong
        raise SettingsError(f"{where} is no configuration of logging: {wrong} ({reason}).") from wrong
    for name in settings[table.LOGGING_EXTRA_LOGGERS]:
        configurator.join(logging.getLogger(name))
    return configurator.undo


def read(file: Path, settings: Settings) -> dict[str, Any]:
    """Read a configuration file, with settings in their places."""
    import yaml  # noqa: PLC0415  # few have such a file

    try:
        config = yaml.safe_load(string.Template(file.read_text()).substitute(Texts(settings)))
    except KeyError as unknown:
        raise SettingsError(f"{file} names {unknown.args[0]}, which is no setting; write $$ for a $.") from None
    except ValueError as wrong:
        raise SettingsError(f"{file} cannot be read: {wrong}; write $$ for a $.") from None
    except (yaml.YAMLError, OSError) as wrong:
        raise SettingsError(f"{file} cannot be read: {wrong}") from None
    if not isinstance(config, dict):
        raise SettingsError(f"{file} is no configuration of logging: use a mapping with `version: 1`.")
    return config


class Texts(Mapping[str, str]):
    """The settings by their names, as texts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.names = {name: setting for setting in table.SETTINGS for name in setting.names}

    def __getitem__(self, name: str) -> str:
        setting = self.names[name]
        return as_text(setting, self.settings[setting], None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def overridden(config: dict[str, Any], environment: Mapping[str, str], path: Path_ = ()) -> dict[str, Any]:
    """Return a configuration with other values where the environment has some."""
    if not any(name.startswith(PREFIX) for name in environment):
        return config
    found = {}
    for key, value in config.items():
        here = (*path, str(key))
        if isinstance(value, dict) and value:
            found[key] = overridden(value, environment, here)
            continue
        given = environment.get(PREFIX + re.sub("[^0-9a-zA-Z]+", "_", "_".join(here)).upper())
        found[key] = like(value, given) if given else value
    return found


def like(value: Any, given: str) -> Any:
    """Return a text as a value like the one that it replaces."""
    if isinstance(value, bool):
        return boolean(given)
    if isinstance(value, list):
        return [each.strip() for each in given.split(",")]
    return int(given) if given.isdigit() else given


class Configurator(logging.config.DictConfigurator):
    """Reads a configuration as `logging.config` does, and leaves alone what it does not name.

    Handlers are made when a logger has them. Without a file, a level that a program gave a logger stays.
    """

    def __init__(self, config: dict[str, Any], by_file: bool) -> None:
        super().__init__(config)
        self.by_file = by_file
        self.undo: Undo = []

    def resolve(self, s: str) -> Any:
        """Return what a dotted name stands for."""
        return super().resolve(OURS + s.removeprefix(THEIRS) if s.startswith(THEIRS) else s)

    def configure_formatter(self, config: Any) -> Any:
        """Make a formatter; that of no class masks secrets, as ours do."""
        if "()" not in config:
            name = config.get("class") or "lictor.logging.formatters.Formatter"
            config["class"] = OURS + name.removeprefix(THEIRS) if name.startswith(THEIRS) else name
        return super().configure_formatter(config)

    def apply(self) -> None:
        """Set up the loggers."""
        if self.config.get("version") != 1:
            raise ValueError("`version: 1` is missing")
        for kind, make in (("formatters", self.configure_formatter), ("filters", self.configure_filter)):
            parts = self.config.get(kind) or {}
            for name in list(parts):
                parts[name] = made(kind, name, partial(make, parts[name]))
        for name, config in (self.config.get("loggers") or {}).items():
            self.set_up(logging.getLogger(name), config)
        root = logging.getLogger()
        if self.config.get("root") and not any(map(is_own, root.handlers)):
            self.set_up(root, self.config["root"])

    def join(self, logger: logging.Logger) -> None:
        """Let another logger's lines go where those of `prefect.extra` go; without a level it takes that one's, too."""
        config = (self.config.get("loggers") or {}).get("prefect.extra") or {}
        level = config.get("level") if logger.level == logging.NOTSET else None
        self.set_up(logger, {"level": level, "handlers": config.get("handlers")})

    def set_up(self, logger: logging.Logger, config: Mapping[str, Any]) -> None:
        """Give a logger its level, handlers and filters."""
        before = logger.level
        untouched = logging.WARNING if logger is logger.root else logging.NOTSET
        if config.get("level") is not None and (self.by_file or before == untouched):
            logger.setLevel(config["level"])
            after = logger.level
            self.undo.append(lambda: logger.setLevel(before) if logger.level == after else None)
        for name in config.get("handlers") or ():
            handler = self.handler(name)
            logger.addHandler(handler)
            self.undo.append(partial(logger.removeHandler, handler))
        for name in config.get("filters") or ():
            chosen = self.config["filters"][name]
            logger.addFilter(chosen)
            self.undo.append(partial(logger.removeFilter, chosen))
        if config.get("propagate") is not None:
            self.undo.append(partial(setattr, logger, "propagate", logger.propagate))
            logger.propagate = bool(config["propagate"])

    def handler(self, name: str) -> logging.Handler:
        """Return a handler, made the first time; what it hands lines on to is made before."""
        handlers = self.config.get("handlers") or {}
        if name not in handlers:
            raise ValueError(f"handlers has no {name!r}")
        if not isinstance(handlers[name], logging.Handler):
            config = handlers[name]
            targets = [config["target"]] if isinstance(config.get("target"), str) else config.get("handlers") or ()
            for target in targets:
                if target in handlers:
                    self.handler(target)
            handler = made("handlers", name, partial(self.configure_handler, config))
            handler.name = name
            handlers[name] = handler
        found: logging.Handler = handlers[name]
        return found


def made(kind: str, name: str, make: Callable[[], Any]) -> Any:
    """Make a part of a configuration; say which one it is that cannot be made."""
    try:
        return make()
    except Exception as wrong:
        raise ValueError(f"{kind}.{name}: {wrong}") from (wrong.__cause__ or wrong)


def is_own(handler: logging.Handler) -> bool:
    """Whether a handler of the root logger is a program's own way to show log lines."""
    return handler.formatter is not None and not type(handler).__module__.startswith(("_pytest.", "lictor."))
