"""Call stacks as users look for their mistakes in them: of their own code, Lictor's frames folded away.

Whatever hands an error to the user's code folds it and raises it again by a bare `raise`: that leaves out the frame it
stands in, since Python takes the traceback that the error has by then and goes on from there.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from lictor.settings import current, table

OURS = str(Path(__file__).parents[1]) + os.sep


def fold(error: BaseException) -> None:
    """Take Lictor's frames out of the traceback of an error and of what led to it, unless `debug_mode` is set."""
    if current()[table.DEBUG_MODE]:
        return
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        seen.add(id(one))
        one.__traceback__ = of_user(one)
        waiting += [each for each in (one.__cause__, one.__context__) if each is not None and id(each) not in seen]


def of_user(error: BaseException) -> TracebackType | None:
    """Return a traceback without Lictor's frames; an error of Python's own that arose among them alone keeps all."""
    first = last = None
    trace = error.__traceback__
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(OURS):
            if last is None:
                first = trace
            elif last.tb_next is not trace:
                last.tb_next = trace
            last = trace
        trace = trace.tb_next
    if last is not None:
        last.tb_next = None
        return first
    return None if type(error).__module__.startswith("lictor.") else error.__traceback__
