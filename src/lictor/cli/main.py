"""The `lictor` command."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click

from lictor import __version__
from lictor.cli.groups import Groups
from lictor.settings import SettingsError, current, table

GROUPS = {
    "artifact": "Look at artifacts, and delete them.",
    "api": "Send any request to the server's API.",
    "block": "Look at blocks, and register and delete them.",
    "concurrency-limit": "Limit how many task runs with a tag may run at once.",
    "config": "See, check and change settings.",
    "dashboard": "Open the server's pages in the browser.",
    "deploy": "Make deployments of flows, as a project file or options say.",
    "deployment": "Look at deployments, run them, and keep their schedules.",
    "flow": "Look at flows.",
    "flow-run": "Look at flow runs, and cancel, retry and delete them.",
    "global-concurrency-limit": "Limit how much happens at once, or how often, by a name (gcl).",
    "init": "Make a project file, which says deployments.",
    "profile": "Keep several sets of settings, and choose one.",
    "server": "Run the server.",
    "shell": "Make a shell complete commands and options.",
    "task": "Run deferred tasks.",
    "task-run": "Look at task runs.",
    "variable": "Keep JSON values that flows and tasks share by name.",
    "version": "Print the version.",
    "work-pool": "Keep work pools, in which runs wait for workers.",
    "work-queue": "Keep work queues, which say in what order runs of a pool start.",
    "worker": "Run what waits in work pools.",
}
"""The commands, most of them groups; each has a module of its own, loaded when it is asked for."""


class Everywhere(Groups):
    """The outermost group; its options may stand behind the command, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, those that count for every command first."""
        first: list[str] = []
        rest: list[str] = []
        words = iter(args)
        for word in words:
            if word == "--":
                rest += [word, *words]
            elif word in ("--prompt", "--no-prompt") or word.startswith("--profile="):
                first.append(word)
            elif word == "--profile" and (name := next(words, None)) is not None:
                first += [word, name]
            else:
                rest.append(word)
        return super().parse_args(ctx, first + rest)


@click.group(
    cls=Everywhere, below=GROUPS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option("-p", "--profile", metavar="NAME", help="The profile to use for this command.")
@click.option(
    "--prompt/--no-prompt", default=None, help="Ask before what cannot be undone, or not.  [default: in a terminal]"
)
@click.version_option(__version__, "--version", message="%(version)s")
def lictor(profile: str | None, prompt: bool | None) -> None:
    """Host, run and watch workflows.

    Example: lictor server start
    """
    if profile is not None:
        os.environ["PREFECT_PROFILE"] = profile  # processes that the command starts use it too
    if prompt is not None:
        os.environ[table.CLI_PROMPT.name] = str(prompt)


def main() -> None:
    """Run the command line; what goes wrong is one line on stderr and exit code 1, with the place in debug mode."""
    try:
        lictor(prog_name="lictor")  # whatever the file is called: shells complete this name
    except Exception as wrong:
        with suppress(SettingsError):
            if current()[table.DEBUG_MODE]:
                raise
        click.echo(f"Error: {said(wrong)}", err=True)
        sys.exit(1)


def said(wrong: Exception) -> str:
    """Return what to say of what no command foresaw."""
    if isinstance(wrong, SettingsError):
        return str(wrong)
    if isinstance(wrong, OSError) and wrong.filename:
        return f"{wrong.filename}: {wrong.strerror}."
    return f"{type(wrong).__name__}: {wrong}. Lictor did not foresee that; PREFECT_DEBUG_MODE=true shows where it was."


if __name__ == "__main__":
    main()
