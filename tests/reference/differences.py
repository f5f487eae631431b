"""What Lictor answers otherwise than the reference on purpose, and why: `docs/compatibility.md` prints this table.

A row allows what differs at a place (`status`, or a path in the answer such as `0.state.name`) of the answers to a
request (`POST /flows/`) whose body is like `sent`. All of these are patterns, in which `*` stands for anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.reference.telling import Step


@dataclass(frozen=True)
class Allowed:
    """A difference that is allowed: where, what each server says there (as JSON), and the reason, a sentence."""

    reason: str
    request: str
    place: str
    ours: str = "*"
    theirs: str = "*"
    sent: str = "*"

    def allows(self, step: Step, place: str, ours: Any, theirs: Any) -> bool:
        """Tell whether this row allows a difference."""
        return (
            fnmatchcase(f"{step.method} {step.path}", self.request)
            and fnmatchcase(json.dumps(step.body, ensure_ascii=False), self.sent)
            and fnmatchcase(place, self.place)
            and fnmatchcase(json.dumps(ours), self.ours)
            and fnmatchcase(json.dumps(theirs), self.theirs)
        )


ALLOWED: tuple[Allowed, ...] = (
    Allowed(
        "A mask that is sent for a secret that is null leaves it null; the reference keeps the mask as the secret.",
        request="GET /block_documents/*",
        place="data.password",
        ours="null",
        theirs='"[*]*"',
    ),
    Allowed(
        "A new block type is answered itself where another has its name; the reference answers the other.",
        request="POST /block_types/",
        place="*",
        sent='*"same-$story"*',
    ),
    Allowed(
        "A refused block document is not told back: it may hold secrets.",
        request="POST /block_documents/",
        place="request_body*",
        ours='[n"]*',
    ),
    Allowed(
        "All that is wrong with a block document is named; the reference names a missing name alone.",
        request="POST /block_documents/",
        place="exception_detail*",
    ),
    Allowed(
        "A block document of a missing type or schema, or that is no object, is refused; the reference fails with 500.",
        request="POST /block_documents/",
        place="*",
        theirs='[5"]*',
    ),
    Allowed(
        "`any_` and `not_any_` of a state must both hold; the reference answers runs for which one of them does.",
        request="POST /flow_runs/*",
        place="*",
        sent='*"any_"*"not_any_"*',
    ),
    Allowed(
        "`job_variables` of a new run is an object; the reference answers null where there is an idempotency key.",
        request="* /flow_runs/*",
        place="*job_variables",
        ours="{}",
        theirs="null",
    ),
    Allowed(
        "An empty idempotency key is a key like any other; the reference answers 409 to its second use.",
        request="POST /flow_runs/",
        place="status",
        ours="200",
        theirs="409",
        sent='*"idempotency_key": ""*',
    ),
    Allowed(
        "A delay of 1.5 seconds by the older name is taken, as 1; the reference refuses it.",
        request="POST /flow_runs/",
        place="status",
        ours="201",
        theirs="422",
        sent='*"retry_delay_seconds": 1.5*',
    ),
    Allowed(
        "Runs may be made in a state that has data; the reference answers 500.",
        request="POST /flow_runs/",
        place="status",
        ours="201",
        theirs="500",
        sent='*"data"*',
    ),
    Allowed(
        "A block document that is deleted leaves the deployments that name it; the reference deletes them, too.",
        request="GET /deployments/$of_a_block",
        place="status",
        ours="200",
        theirs="404",
    ),
    Allowed(
        "The answer to a proposed state shows it as it was stored, without the data of a result that is not persisted.",
        request="POST /*/set_state",
        place="state.data*",
        sent='*"unpersisted"*',
    ),
    Allowed(
        "The key of a pause that names none is the id of the paused state, no other id.",
        request="GET /flow_runs/*",
        place="empirical_policy.pause_keys.*",
    ),
    Allowed(
        "Of too many delays between retries the answer says another `type` of mistake.",
        request="POST /task_runs/",
        place="exception_detail.0.type",
    ),
    Allowed(
        "A variable's name that is too long is told as `string_too_long`, not as `too_long`.",
        request="* /variables/*",
        place="exception_detail.0.type",
        ours='"string_too_long"',
    ),
    Allowed(
        "Of a long body that is refused only the beginning is answered.",
        request="* /variables/*",
        place="request_body*",
        sent='*"xxxxx*',
    ),
    Allowed(
        "Ids in a query are not read in braces.",
        request="GET /*_run_states/*={*}",
        place="status",
        ours="422",
        theirs="200",
    ),
    Allowed(
        "What should be a list is told as `list_type`, also where the reference says `is_instance_of`.",
        request="POST /logs/",
        place="exception_detail.0.type",
        ours='"list_type"',
        theirs='"is_instance_of"',
    ),
    Allowed(
        "Of a body that is no object an answer says that, and not of each field that it is missing.",
        request="POST /*",
        place="exception_detail.*",
        sent='[[3"n]*',
    ),
    Allowed(
        "What should be one of `and_` and `or_` is told as `literal_error`, not as `enum`.",
        request="POST /*",
        place="exception_detail.*.type",
        ours='"literal_error"',
        theirs='"enum"',
    ),
    Allowed(
        "A name that is neither text nor null is refused; the reference draws a name for an empty list or object.",
        request="* /*_runs/*",
        place="status",
        ours="422",
        theirs="40*",
        sent='*"name": [[{][]}]*',
    ),
    Allowed(
        "Who asks for slots, or gives them back, names a limit; the reference answers nothing, or an empty lease.",
        request="POST /v2/concurrency_limits/*crement*",
        place="status",
        ours="422",
        theirs="200",
        sent='*"names": []*',
    ),
    Allowed(
        "Text is found whatever its capitals, beyond A to Z too.",
        request="POST /logs/filter",
        place="*",
        sent='*"über"*',
    ),
    Allowed(
        "`request_body` of an event that is refused shows it with its defaults.",
        request="POST /events",
        place="request_body*",
    ),
    Allowed(
        "`limit` 0 of events answers how many there are; the reference answers a total of 0 and an address of a next page.",
        request="POST /events/filter",
        place="*",
        sent='*"limit": 0*',
    ),
    Allowed(
        "Of a cache key that is too long the answer does not show the request.",
        request="POST /task_runs/",
        place="request_body*",
        sent='*"cache_key": "xxx*',
    ),
    Allowed(
        "A lease of no slots is not kept: renewing it is 410, as for one that has ended.",
        request="POST /v2/concurrency_limits/leases/*/renew",
        place="*",
        ours="410",
        theirs="204",
    ),
    Allowed(
        "The prefix of an input's key is text; the reference reads `%` and `_` in it as wildcards.",
        request="POST /flow_runs/*/input/filter",
        place="*",
        sent='*"prefix": "%"*',
    ),
    Allowed(
        "A key of an input that has other characters than it may is refused; the reference answers 500.",
        request="POST /flow_runs/*/input",
        place="status",
        ours="422",
        theirs="500",
    ),
    Allowed(
        "Of an input's value that is no text an answer says `string_type`, not `bytes_type`.",
        request="POST /flow_runs/*/input",
        place="exception_detail.0.type",
        ours='"string_type"',
        theirs='"bytes_type"',
    ),
    Allowed(
        "Resuming a run that is not there is 404; the reference answers 500.",
        request="POST /flow_runs/*/resume",
        place="status",
        ours="404",
        theirs="500",
    ),
    Allowed(
        "Labels are scalars where they are added to a run, too; the reference stores null and lists there.",
        request="PATCH /flow_runs/*/labels",
        place="status",
        ours="422",
        theirs="204",
    ),
    Allowed(
        "Of a time in a query that is none an answer says `value_error`.",
        request="GET /flow_runs/*/graph-v2[?]since=*",
        place="exception_detail.0.type",
        ours='"value_error"',
        theirs='"datetime_from_date_parsing"',
    ),
    Allowed(
        "The pages of the UI ask about 200 things at most at a time, as the contract says; the reference answers about more.",
        request="POST /ui/*/*",
        place="status",
        ours="422",
        theirs="200",
        sent='*_ids": *dead*dead*dead*',
    ),
    Allowed(
        "A negative `limit` of points of a chart is refused, as it is elsewhere.",
        request="POST /ui/flow_runs/history",
        place="status",
        ours="422",
        theirs="200",
        sent='*"limit": -1*',
    ),
    Allowed(
        "What is wrong with values is said in other words: values are shown as JSON.",
        request="POST /ui/schemas/validate",
        place="errors.*.errors.*",
    ),
    Allowed(
        "Task runs may be counted by work pools, too; the reference answers 500.",
        request="POST /ui/task_runs/dashboard/counts",
        place="status",
        ours="200",
        theirs="500",
        sent='*"work_pools"*',
    ),
    Allowed(
        "Of events that are counted by something unknown the answer does not show the request.",
        request="POST /events/count-by/none",
        place="request_body*",
    ),
    Allowed(
        "Of a base job template that is wrong by itself the answer does not show the request.",
        request="* /work_pools/*",
        place="request_body*",
        sent="*base_job_template*",
    ),
    Allowed(
        "A pool's default queue cannot be deleted: 409; the reference answers 500.",
        request="DELETE /work_pools/*/queues/*",
        place="status",
        ours="409",
        theirs="500",
    ),
    Allowed(
        "Runs are handed to workers with their state.",
        request="POST /work_pools/*/get_scheduled_flow_runs",
        place="*.flow_run.state.*",
        theirs='"(absent)"',
    ),
    Allowed(
        "Runs are handed to workers with their state; the reference's on SQLite has null there.",
        request="POST /work_pools/*/get_scheduled_flow_runs",
        place="*.flow_run.state",
        theirs="null",
    ),
    Allowed(
        "A run's queue has the name that it has now, also for workers, and none once it is deleted.",
        request="* *",
        place="*work_queue_name",
    ),
    Allowed(
        "Of an empty name an answer says that it does not match the pattern.",
        request="POST /work_pools/",
        place="exception_detail.0.type",
        ours='"string_pattern_mismatch"',
        theirs='"value_error"',
    ),
    Allowed(
        "A queue's runs are handed out with their pool.",
        request="POST /work_queues/*/get_runs",
        place="*.work_pool_*",
        theirs="null",
    ),
    Allowed(
        "A pool's name that is no text is refused; the reference answers 500.",
        request="POST /work_pools/",
        place="status",
        ours="422",
        theirs="500",
        sent='*"name": [[{tn]*',
    ),
    Allowed(
        "A template of null empties a pool's template; the reference answers 500.",
        request="PATCH /work_pools/*",
        place="status",
        theirs="500",
        sent='*"base_job_template": null*',
    ),
    Allowed(
        "The state of a run that a schedule made names its run; the reference's does not.",
        request="POST /flow_runs/filter",
        place="*.state.state_details.flow_run_id",
        theirs="null",
        sent='*"deployments"*',
    ),
    Allowed(
        "The time in the state of a run that a schedule made is in UTC; the reference's is in the schedule's time zone.",
        request="POST /flow_runs/filter",
        place="*.state.state_details.scheduled_time",
        sent='*"deployments"*',
    ),
    Allowed(
        "Of a time that is none an answer says `value_error`.",
        request="POST /deployments/*/schedule",
        place="exception_detail.0.type",
        ours='"value_error"',
        theirs='"datetime_*"',
    ),
    Allowed(
        "Planning the runs of a deployment that is not there is answered with 404; the reference answers 200.",
        request="POST /deployments/*/schedule",
        place="status",
        ours="404",
        theirs="200",
    ),
    Allowed(
        "What is wrong with a schedule is said of the kind that it seems to be; the reference says it of every kind.",
        request="* /deployments/*",
        place="exception_detail*",
        sent='*"schedule"*',
    ),
    Allowed(
        "The name of a deployment has no '/' or '%', as that of a flow; the reference answers 500.",
        request="POST /deployments/",
        place="*",
        sent='*"name": "a[/%]b"*',
    ),
    Allowed(
        "What is no object in place of a deployment is refused with 422; the reference answers 500.",
        request="* /deployments/*",
        place="*",
        theirs="500",
        sent='[["0-9]*',
    ),
    Allowed(
        "`request_body` of a deployment that is refused shows what was sent; the reference's shows empty parameters, too.",
        request="POST /deployments/",
        place="request_body*",
    ),
    Allowed(
        "`true` is no number of seconds; the reference takes it for 1.",
        request="* /deployments/*",
        place="exception_detail.0.type",
        ours='"int_type"',
        sent='*"grace_period_seconds": true*',
    ),
    Allowed(
        "The name of a deployment's run is a text; the reference looks at it later.",
        request="POST /deployments/*/create_flow_run*",
        place="*",
        sent='*"name": [[{]*',
    ),
    Allowed(
        "`request_body` of several runs to create shows what was sent; the reference's shows new names beside old ones.",
        request="POST /deployments/*/create_flow_run/bulk",
        place="request_body*",
    ),
)
