"""What the exit code of a flow run's process says, in words."""

from __future__ import annotations

import signal

WORDS = {
    -signal.SIGKILL: "it was killed (SIGKILL), as the system does when memory runs out",
    -signal.SIGTERM: "it was told to end (SIGTERM)",
    -signal.SIGINT: "it was interrupted (SIGINT)",
    -signal.SIGSEGV: "it used memory that is not its own (SIGSEGV): some compiled library is at fault",
    -signal.SIGABRT: "it gave up (SIGABRT)",
    1: "an error ended it; its last lines tell which",
    2: "its command line was wrong",
    125: "its container could not be started",
    126: "its command could not be run: it is no program, or permission lacks",
    127: "its command was not found",
    137: "it was killed (SIGKILL), as the system does when memory runs out",
    143: "it was told to end (SIGTERM)",
    247: "it was killed, as the system does when memory runs out",
}


KILLED = frozenset({-signal.SIGKILL, 137, 247})


def described(code: int, grace_seconds: float | None = None) -> str:
    """Return what an exit code says; negative ones are of signals, as Python has them.

    Of a process that we told to end, and killed after a grace, the memory is not to blame.
    """
    words = WORDS.get(code)
    if grace_seconds is not None and code in KILLED:
        words = f"it did not end within {grace_seconds:g} seconds of being told to, and was killed (SIGKILL)"
    if words is None and code < 0:
        try:
            words = f"signal {signal.Signals(-code).name} ended it"
        except ValueError:
            words = f"signal {-code} ended it"
    return f"exit code {code}" + (f": {words}" if words else "")
