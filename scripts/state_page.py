"""The page of states, printed from the rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from lictor.rules import flow_run, task_run
from lictor.rules.transition import Edge, Rules, Transition, Verdict, decide
from lictor.wire.types.flow_run import FlowRun
from lictor.wire.types.state import FINAL, State, StateType
from lictor.wire.types.task_run import TaskRun

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOME = UUID(int=1)
FLOW_RUN = FlowRun(id=SOME, created=NOW, updated=NOW, flow_id=SOME, deployment_id=SOME, run_count=1)
TASK_RUN = TaskRun(id=SOME, created=NOW, updated=NOW, task_key="key", dynamic_key="0", run_count=1)
EDGES: tuple[Edge, ...] = (None, *StateType)
HEAD = """# States

A run is in one of nine types of state: SCHEDULED, PENDING, RUNNING, PAUSED and CANCELLING while it has something before
it, and COMPLETED, FAILED, CANCELLED and CRASHED once it has ended. Whoever wants it in another proposes a state; the
rules below answer:

- **ACCEPT**: the run has the proposed state now.
- **REJECT**: it does not; the answer has the state to go on with. That is the one that it was in, or a new one.
- **WAIT**: not yet; propose it again after `delay_seconds`.
- **ABORT**: it does not, and whoever runs it must stop.

Rules are asked in their order, those alone that guard the change: the first that refuses ends it, and one that accepts
may change details of what was proposed. A forced proposal meets only the few rules that say so.
"""
SECTION = """## {title}

{intro}

```mermaid
stateDiagram-v2
{diagram}
```

The diagram has the changes that are accepted as such, save those from one end to another. In the table are all of
them, for {plain}:
✓ it is accepted, ✗ ABORT, = REJECT and the run stays as it is, → REJECT with that state instead. Behind it stand the
numbers of the rules that are asked.

{matrix}

{rules}
"""
FLOW_INTRO = """A flow run is scheduled, submitted (PENDING) by a worker or by nobody, and run."""
TASK_INTRO = """A task run that its client runs by itself is reported state by state and asks nobody: these rules are
for clients that ask, and for background tasks."""


def state_page() -> str:
    """Return the page."""
    flow = (flow_run.RULES, flow_run.FORCED, "a deployment's run of which nothing else is known")
    task = (task_run.RULES, (), "a task run of a running flow run")
    sections = [
        section("Flow runs", FLOW_INTRO, FLOW_RUN, *flow),
        listed("When a flow run is marked late", "These rules alone are asked:", flow_run.LATE),
        section("Task runs", TASK_INTRO, TASK_RUN, *task),
        listed("Background tasks", "A state whose details say `deferred` meets, by force or not:", task_run.BACKGROUND),
    ]
    return "\n".join([HEAD, *sections])


def section(title: str, intro: str, run: FlowRun | TaskRun, rules: Rules, forced: Rules, plain: str) -> str:
    """Return all about one kind of run."""
    return SECTION.format(
        title=title,
        intro=intro,
        plain=plain,
        diagram="\n".join(diagram(run, rules)),
        matrix="\n".join(matrix(run, rules)),
        rules="\n".join(rule_rows(rules, forced)),
    )


def listed(title: str, intro: str, rules: Rules) -> str:
    """Return the rules of a special case."""
    return "\n".join([f"## {title}", "", intro, "", *rule_rows(rules, ()), ""])


def verdict_of(run: FlowRun | TaskRun, rules: Rules, leaving: Edge, entering: StateType) -> Verdict:
    """Return the verdict on a bare proposal."""
    running = State(id=SOME, type=StateType.RUNNING, name="Running", timestamp=NOW)
    return decide(
        rules,
        Transition(
            current=None if leaving is None else bare(leaving),
            proposed=bare(entering),
            run=run,
            now=NOW,
            flow_run_state=running if isinstance(run, TaskRun) else None,
        ),
    )


def bare(kind: StateType) -> State:
    """Return a state of which nothing is said but its type."""
    return State(id=UUID(int=list(StateType).index(kind)), type=kind, name=kind.capitalize(), timestamp=NOW)


def sign(verdict: Verdict, leaving: Edge) -> str:
    """Return a verdict in brief."""
    if verdict.status == "ABORT":
        return "✗"
    if verdict.status == "ACCEPT" or verdict.state is None:
        return "✓"
    stays = leaving is not None and verdict.state == bare(leaving)
    return "=" if stays else f"→ {verdict.state.type}"


def diagram(run: FlowRun | TaskRun, rules: Rules) -> Iterator[str]:
    """Yield the lines of the diagram; the four ends are one box, entered where all of them may be."""
    yield "    state Ended {"
    yield from (f"        {kind}" for kind in StateType if kind in FINAL)
    yield "    }"
    for leaving in (None, *(kind for kind in StateType if kind not in FINAL)):
        into = [kind for kind in StateType if verdict_of(run, rules, leaving, kind).status == "ACCEPT"]
        start = leaving or "[*]"
        yield from (f"    {start} --> {kind}" for kind in into if kind not in FINAL and kind != leaving)
        ends = [kind for kind in into if kind in FINAL]
        yield from [f"    {start} --> Ended"] if len(ends) == len(FINAL) else [f"    {start} --> {end}" for end in ends]
    again = [kind for kind in StateType if kind not in FINAL and all(reached(run, rules, end, kind) for end in FINAL)]
    yield from (f"    Ended --> {kind}" for kind in again)


def reached(run: FlowRun | TaskRun, rules: Rules, leaving: Edge, entering: StateType) -> bool:
    """Tell whether a change is accepted."""
    return verdict_of(run, rules, leaving, entering).status == "ACCEPT"


def matrix(run: FlowRun | TaskRun, rules: Rules) -> Iterator[str]:
    """Yield the table of all changes."""
    yield "| from \\ to | " + " | ".join(StateType) + " |"
    yield "|---" * (len(StateType) + 1) + "|"
    for leaving in EDGES:
        cells = []
        for entering in StateType:
            asked = [
                str(number)
                for number, row in enumerate(rules, 1)
                if leaving in row.leaving and entering in row.entering
            ]
            numbers = f" <sub>{' '.join(asked)}</sub>" if asked else ""
            cells.append(sign(verdict_of(run, rules, leaving, entering), leaving) + numbers)
        yield f"| **{leaving or 'none'}** | " + " | ".join(cells) + " |"


def rule_rows(rules: Rules, forced: Rules) -> Iterator[str]:
    """Yield the table of rules; those that a forced proposal meets too are marked."""
    yield "| | rule | from | to | what it says |"
    yield "|---|---|---|---|---|"
    for number, row in enumerate((*rules, *(row for row in forced if row not in rules)), 1):
        says = (row.check.__doc__ or "").strip().partition("\n")[0]
        by_force = "" if row not in forced else " *By force too.*" if row in rules else " *By force alone.*"
        name = row.check.__name__.replace("_", " ")
        yield f"| {number} | {name} | {edges(row.leaving)} | {edges(row.entering)} | {says}{by_force} |"


def edges(guarded: frozenset[Edge]) -> str:
    """Return some types of state in words."""
    types = [kind for kind in StateType if kind in guarded]
    if len(types) == len(StateType):
        return "any"
    if len(types) > len(StateType) // 2 + 1:
        return "all but " + ", ".join(kind for kind in StateType if kind not in guarded)
    return ", ".join(types)
