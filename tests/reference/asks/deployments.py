"""What is asked of deployments, their schedules and their runs."""

from __future__ import annotations

from typing import Any

from tests.reference.asks.blocks import BEGUN, document, refer
from tests.reference.asks.steps import NOBODY, NOT_IDS, delete, flow, get, moment, patch, post, propose, run
from tests.reference.telling import Step, Story

ALL = "/deployments"
ONE = f"{ALL}/$deployment"
HOURLY = {"interval": 3600, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
DAILY = {"cron": "0 0 * * *", "timezone": "Europe/Berlin"}
WEEKLY = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "timezone": "UTC"}
SCHEMA = {
    "type": "object",
    "title": "Parameters",
    "properties": {"x": {"type": "integer", "title": "x"}, "y": {"type": "string", "default": "a", "title": "y"}},
    "required": ["x"],
}
TEMPLATE = {
    "job_configuration": {"command": "{{ command }}", "a": "{{ a }}"},
    "variables": {
        "type": "object",
        "properties": {"command": {"type": "string", "default": "x"}, "a": {"type": "integer"}},
    },
}


def of_blocks(default: Any) -> dict[str, Any]:
    """Return a template with a variable whose default refers to a block, and one that is required."""
    block = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "default": default}
    return {
        "job_configuration": {"block": "{{ block }}", "text": "{{ text }}"},
        "variables": {
            "type": "object",
            "properties": {"block": block, "text": {"type": "string"}},
            "required": ["text"],
        },
    }


BLOCK = [
    *BEGUN,
    document(data={"a": 1, "password": "p"}),
    document("wrong-$story", keep="unfit", data={"a": "x", "password": "p"}),
]
LATER = 10_000


def deployment(name: str = "d $story", keep: str = "deployment", **body: Any) -> Step:
    """Make a deployment."""
    return post(f"{ALL}/", {"name": name, "flow_id": "$flow", **body}, keep={keep: "id"})


def pool(**body: Any) -> Step:
    """Make a work pool."""
    return post("/work_pools/", {"name": "$story", "type": "process", **body})


def scheduled(active: bool = False, **body: Any) -> dict[str, Any]:
    """Return a schedule that makes no runs, lest a scheduler come between."""
    return {"schedule": HOURLY, "active": active, **body}


def start(keep: str = "run", **body: Any) -> Step:
    """Make a run of the deployment."""
    return post(f"{ONE}/create_flow_run", {"name": f"{keep} $story", **body}, keep={keep: "id"})


def found(**body: Any) -> Step:
    """List the deployments of the flow that a filter matches."""
    return post(f"{ALL}/filter", {"flows": {"id": {"any_": ["$flow"]}}, **body})


def kind(name: str, **said: Any) -> dict[str, Any]:
    """Return a value that says how it is made."""
    return {"__prefect_kind": name, **said}


def json_of(value: Any) -> dict[str, Any]:
    return kind("json", value=value)


def jinja(template: Any) -> dict[str, Any]:
    return kind("jinja", template=template)


def of_variable(name: Any) -> dict[str, Any]:
    return kind("workspace_variable", variable_name=name)


def shown(value: Any) -> list[Step]:
    """Make a run with a value, and read it."""
    return [start("made", parameters={"x": value}), get("/flow_runs/$made")]


LOOP = "{% for a in range(3) %}"
END = "{% endfor %}"
MADE: list[Any] = [
    of_variable("v_$story"),
    of_variable("none_$story"),
    of_variable(of_variable("name_$story")),
    of_variable(of_variable("none_$story")),
    of_variable(json_of('"v_$story"')),
    of_variable(json_of("{")),
    of_variable(kind("json")),
    of_variable(kind("workspace_variable")),
    of_variable(3),
    of_variable(None),
    kind("workspace_variable"),
    [kind("workspace_variable"), of_variable("v_$story"), {"a": of_variable("name_$story"), "b": kind("json")}],
    json_of(of_variable("text_$story")),
    json_of(of_variable("v_$story")),
    json_of(jinja("[{{ 1 + 1 }}]")),
    json_of(jinja("{{")),
    json_of({"a": of_variable("v_$story")}),
    jinja("{{ 1 + 1 }}"),
    jinja("no template"),
    jinja("{# nothing #}"),
    jinja("{{ unknown }}-{{ unknown.at_all }}"),
    jinja("{{ [1, 2] | join('-') | upper }}"),
    jinja("{{ 'a' ~ 1 }} {{ 1 == 1 }} {{ 'abc'[1:] }} {{ {'a': 1} | tojson }}"),
    jinja(LOOP + "{{ loop.index }}" + END),
    jinja((LOOP + END) * 10),
    jinja((LOOP + END) * 11),
    jinja(LOOP * 2 + END * 2),
    jinja(LOOP * 3 + END * 3),
    jinja("{{ range(100) | length }}"),
    jinja("{{ range(101) | length }}"),
    jinja("{{"),
    jinja("{% for %}"),
    jinja("{{ 1 / 0 }}"),
    jinja("{{ 1 | nothing }}"),
    jinja("{{ ''.__class__ }}"),
    jinja("{{ ''.__class__.__mro__ }}"),
    jinja("{{ x.append(1) }}"),
    jinja("{% include 'x' %}"),
    jinja(of_variable("template_$story")),
    jinja(of_variable("none_$story")),
    jinja(json_of('"{{ 2 }}"')),
    jinja(kind("json")),
    kind("jinja"),
    kind("none"),
    kind("none", value=of_variable("v_$story")),
    kind("none", value=[jinja("{{ 3 }}"), kind("none", value=kind("none", value=4))]),
    kind("odd", value=of_variable("v_$story")),
    kind("odd"),
    {"__prefect_kind": None, "value": 5},
]
"""Values that say how they are made."""

READ = get(ONE)
SCHEDULES = f"{ONE}/schedules"

STORIES: dict[str, Story] = {
    "made and read": [
        flow(labels={"team": "a"}, tags=["f"]),
        deployment(
            tags=["x", "y"],
            parameters={"x": 1},
            parameter_openapi_schema=SCHEMA,
            description="mine",
            version="3",
            path="/somewhere",
            entrypoint="a.py:main",
            pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": "/x"}}],
            job_variables={"env": {"A": "b"}},
            labels={"one": 1, "two": True},
        ),
        READ,
        get(f"{ALL}/name/$story/d $story"),
        get(f"{ALL}/name/$story/none"),
        get(f"{ALL}/name/none/d $story"),
        deployment(tags=["z"], description=None),
        READ,
        deployment(paused=True, parameters={"x": 2}),
        READ,
        deployment("plain $story", keep="plain"),
        post(f"{ALL}/", {"name": "x", "flow_id": NOBODY}),
        get(f"{ALL}/{NOBODY}"),
    ],
    "wrong": [
        flow(),
        *[deployment(name, keep="odd") for name in ("", "a/b", "a%b", "a b ü $story")],
        deployment(schedules=[{"schedule": {}}]),
        deployment(schedules=[{"schedule": {"cron": "every day"}}]),
        deployment(schedules=[{"schedule": {"interval": 0}}]),
        deployment(schedules=[{"schedule": {"rrule": "NEVER"}}]),
        deployment(schedules=[{"schedule": {"cron": "0 0 * * *", "timezone": "Nowhere/At_All"}}]),
        deployment(schedules=[scheduled(max_scheduled_runs=0)]),
        deployment(concurrency_limit=0),
        deployment(concurrency_limit=-1),
        deployment(concurrency_options={"collision_strategy": "FIGHT"}),
        deployment(concurrency_options={"collision_strategy": "ENQUEUE", "grace_period_seconds": 5}),
        deployment(global_concurrency_limit_id=NOBODY),
        deployment(storage_document_id="x"),
        deployment(work_pool_name="none-$story"),
        deployment(parameters=[1]),
        deployment(tags="x"),
        deployment(enforce_parameter_schema="perhaps"),
        deployment(),
        patch(ONE, {"name": "other"}),
        patch(ONE, {"tags": None}),
        patch(ONE, {"paused": "perhaps"}),
        patch(f"{ALL}/{NOBODY}", {}),
        delete(f"{ALL}/{NOBODY}"),
        post(f"{ALL}/{NOBODY}/create_flow_run", {}),
        post(f"{ALL}/{NOBODY}/pause_deployment"),
        post(f"{ALL}/{NOBODY}/resume_deployment"),
        get(f"{ALL}/{NOBODY}/schedules"),
        get(f"{ALL}/{NOBODY}/work_queue_check"),
        patch(f"{SCHEDULES}/{NOBODY}", {"active": False}),
        delete(f"{SCHEDULES}/{NOBODY}"),
        post(f"{ALL}/filter", {"limit": 201}),
        post(f"{ALL}/filter", {"sort": "BY_LUCK"}),
        post(f"{ALL}/get_scheduled_flow_runs", {}),
        *[step for wrong in NOT_IDS for step in (get(f"{ALL}/{wrong}"), delete(f"{ALL}/{wrong}"))],
    ],
    "changed": [
        flow(),
        deployment(tags=["x"], parameters={"x": 1}, version="1"),
        patch(ONE, {}),
        READ,
        patch(ONE, {"description": "new", "tags": ["y", "y"], "parameters": {"x": 2}, "version": "2", "paused": True}),
        READ,
        patch(ONE, {"description": None, "entrypoint": "b.py:go", "job_variables": {"a": 1}}),
        READ,
        post(f"{ONE}/resume_deployment"),
        READ,
        post(f"{ONE}/pause_deployment"),
        READ,
        get(f"{ONE}/work_queue_check"),
        delete(ONE),
        READ,
        delete(ONE),
    ],
    "schedules": [
        flow(),
        deployment(schedules=[scheduled(slug="a"), scheduled(slug="b", schedule=DAILY, parameters={"x": 1})]),
        READ,
        get(SCHEDULES),
        post(SCHEDULES, [scheduled(slug="c", schedule=WEEKLY)], keep={"c": "0.id"}),
        post(SCHEDULES, [scheduled(slug="c")]),
        get(SCHEDULES),
        patch(f"{SCHEDULES}/$c", {"slug": "d", "max_scheduled_runs": 4}),
        patch(f"{SCHEDULES}/$c", {"slug": "a"}),
        patch(f"{SCHEDULES}/$c", {"schedule": DAILY, "active": False}),
        get(SCHEDULES),
        delete(f"{SCHEDULES}/$c"),
        get(SCHEDULES),
        patch(ONE, {"schedules": [scheduled(slug="a", schedule=WEEKLY), scheduled(slug="new")]}),
        READ,
        patch(ONE, {"schedules": [scheduled()]}),
        patch(ONE, {"schedules": []}),
        READ,
        deployment(schedules=[scheduled()]),
        READ,
        deployment("twice $story", keep="twice", schedules=[scheduled(slug="a"), scheduled(slug="a")]),
    ],
    "in work pools": [
        flow(),
        pool(base_job_template=TEMPLATE),
        deployment(work_pool_name="$story"),
        READ,
        deployment(work_pool_name="$story", work_queue_name="fast"),
        READ,
        get("/work_pools/$story/queues/fast"),
        deployment("variables $story", keep="variables", work_pool_name="$story", job_variables={"a": "no"}),
        deployment("variables $story", keep="variables", work_pool_name="$story", job_variables={"a": 3}),
        patch(ONE, {"work_queue_name": "slow", "work_pool_name": "$story"}),
        READ,
        patch(ONE, {"job_variables": {"a": "no"}}),
        start(),
        start("queued", work_queue_name="other"),
        start("odd", job_variables={"a": "no"}),
        start("fine", job_variables={"a": 1}),
        post("/deployments/count", {"work_pools": {"name": {"any_": ["$story"]}}}),
        post(
            "/deployments/count",
            {"work_pool_queues": {"name": {"any_": ["slow"]}}, "flows": {"id": {"any_": ["$flow"]}}},
        ),
        post("/flows/count", {"work_pools": {"name": {"any_": ["$story"]}}}),
        delete("/work_pools/$story/queues/slow"),
        READ,
        delete("/work_pools/$story"),
        READ,
    ],
    "blocks": [
        flow(),
        *BLOCK,
        deployment(storage_document_id="$document", infrastructure_document_id="$document"),
        READ,
        start(),
        start("elsewhere", infrastructure_document_id="$document"),
        start("nowhere", infrastructure_document_id=NOBODY),
        post(f"{ONE}/create_flow_run/bulk", [{"infrastructure_document_id": NOBODY}]),
        run("other", infrastructure_document_id="$document"),
        deployment("of a block $story", keep="of_a_block", infrastructure_document_id="$document"),
        deployment("missing $story", keep="missing", storage_document_id=NOBODY),
        deployment("missing $story", keep="missing", infrastructure_document_id=NOBODY),
        patch(ONE, {"storage_document_id": None}),
        patch(ONE, {"storage_document_id": "$document"}),
        patch(ONE, {"infrastructure_document_id": NOBODY}),
        patch(ONE, {"storage_document_id": NOBODY}),
        pool(base_job_template=of_blocks(refer("document"))),
        deployment(work_pool_name="$story", job_variables={"text": "x"}),
        deployment(work_pool_name="$story", job_variables={"block": {"a": "x"}}),
        start("empty"),
        start("full", job_variables={"text": "x"}),
        start("wrong", job_variables={"text": "x", "block": {"a": "x"}}),
        start("other", job_variables={"text": "x", "block": {"a": 2}}),
        patch("/flow_runs/$full", {"job_variables": {"text": "y"}}),
        patch("/flow_runs/$full", {"job_variables": {"block": 3}}),
        patch("/flow_runs/$full", {"job_variables": {}}),
        patch("/flow_runs/$full", {"job_variables": None}),
        get("/flow_runs/$full"),
        post(
            "/work_pools/", {"name": "b-$story", "type": "process", "base_job_template": of_blocks(refer("document"))}
        ),
        deployment("b $story", keep="b", work_pool_name="b-$story", job_variables={"text": "x"}),
        delete("/block_documents/$document"),
        READ,
        get(f"{ALL}/$of_a_block"),
        start("later", job_variables={"text": "x"}),
        deployment("b $story", keep="b", work_pool_name="b-$story", job_variables={"text": "x"}),
        deployment("b $story", keep="b", work_pool_name="b-$story", job_variables={}),
        deployment("b $story", keep="b", work_pool_name="b-$story"),
        patch(f"{ALL}/$b", {"work_pool_name": "b-$story", "job_variables": {"text": "x"}}),
        patch(f"{ALL}/$b", {"work_pool_name": "b-$story", "job_variables": {"text": 1}}),
        patch(f"{ALL}/$b", {"job_variables": {"text": 1}}),
        patch(f"{ALL}/$b", {"work_pool_name": "b-$story"}),
        post(f"{ALL}/$b/create_flow_run", {"job_variables": {"text": "x"}}),
        post(f"{ALL}/$b/create_flow_run/bulk", [{"job_variables": {"text": "x"}}, {}]),
    ],
    "runs": [
        flow(labels={"team": "a"}),
        deployment(tags=["x"], parameters={"x": 1, "y": "b"}, version="7", labels={"l": 1}, job_variables={"j": 1}),
        start(),
        start("other", parameters={"x": 2, "z": 3}, tags=["x"], labels={"m": 2}, job_variables={"k": 1}),
        start("keyed", idempotency_key="$story"),
        start("again", idempotency_key="$story"),
        start("pending", state={"type": "PENDING"}),
        start("later", state={"type": "SCHEDULED", "state_details": {"scheduled_time": moment(LATER)}}),
        start("childless", parent_task_run_id=NOBODY),
        start("queueless", work_queue_name="none"),
        start("wrong", state={"type": "LOST"}),
        get("/flow_runs/$later"),
        post(f"{ALL}/get_scheduled_flow_runs", {"deployment_ids": ["$deployment"], "scheduled_before": moment(60)}),
        post(f"{ALL}/get_scheduled_flow_runs", {"deployment_ids": ["$deployment"], "limit": 1}),
        post(f"{ALL}/get_scheduled_flow_runs", {"deployment_ids": [NOBODY]}),
        READ,
        post(
            f"{ONE}/create_flow_run/bulk",
            [{"name": "one $story"}, {"name": "two $story", "parameters": {"x": 5}}],
        ),
        post(f"{ONE}/create_flow_run/bulk", []),
        post(f"{ONE}/create_flow_run/bulk", [{"parent_task_run_id": NOBODY}]),
        post("/flow_runs/count", {"deployments": {"id": {"any_": ["$deployment"]}}}),
        propose("flow_runs", "pending", "RUNNING"),
        delete(ONE),
        post("/flow_runs/count", {"flows": {"id": {"any_": ["$flow"]}}}),
        get("/flow_runs/$pending"),
    ],
    "parameters": [
        flow(),
        deployment(parameter_openapi_schema=SCHEMA, enforce_parameter_schema=True),
        deployment(parameter_openapi_schema=SCHEMA, enforce_parameter_schema=True, parameters={"x": "one"}),
        start(),
        start("typed", parameters={"x": "one"}),
        start("fine", parameters={"x": 1}),
        start("more", parameters={"x": 1, "unknown": 1}),
        start("loose", parameters={"x": "one"}, enforce_parameter_schema=False),
        start("made", parameters={"x": {"__prefect_kind": "json", "value": "5"}}),
        start("unmade", parameters={"x": {"__prefect_kind": "json", "value": "{"}}),
        start("none", parameters={"x": {"__prefect_kind": "none", "value": 4}}),
        start("odd", parameters={"x": {"__prefect_kind": "odd"}}),
        patch(ONE, {"parameters": {"x": "one"}}),
        patch(ONE, {"parameters": {"x": 4}}),
        patch(ONE, {"enforce_parameter_schema": False, "parameters": {"x": "one"}}),
        READ,
        start("unchecked"),
        deployment("broken $story", enforce_parameter_schema=True, parameter_openapi_schema={"type": "nothing"}),
        deployment("bare $story", keep="bare", enforce_parameter_schema=True, parameter_openapi_schema=None),
        post(f"{ALL}/$bare/create_flow_run", {"parameters": {"x": 1}}),
    ],
    "parameters that say how they are made": [
        flow(),
        *[
            post("/variables/", {"name": f"{name}_$story", "value": value})
            for name, value in (
                ("v", {"a": [1, None]}),
                ("name", "v_$story"),
                ("text", '{"b": 2}'),
                ("template", "{{ 5 }}"),
            )
        ],
        deployment(parameters={"a": of_variable("v_$story"), "x": of_variable("none_$story")}),
        READ,
        start("overridden", parameters={"x": 1}),
        get("/flow_runs/$overridden"),
        start("missing"),
        *[step for value in MADE for step in shown(value)],
        post(
            f"{ONE}/create_flow_run/bulk",
            [
                {"parameters": {"x": value}}
                for value in (of_variable("v_$story"), of_variable("none_$story"), jinja("{{"))
            ],
        ),
        *[step for value in MADE for step in (patch(ONE, {"parameters": {"x": value}}), READ)],
        deployment(parameters={"x": jinja("{{ 1 }}")}, parameter_openapi_schema=SCHEMA, enforce_parameter_schema=True),
        READ,
        deployment(
            "enforced $story",
            keep="enforced",
            parameter_openapi_schema=SCHEMA,
            enforce_parameter_schema=True,
        ),
        *[
            post(f"{ALL}/$enforced/create_flow_run", {"parameters": {"x": value}})
            for value in (jinja("{{ 1 }}"), json_of(jinja("{{ 1 }}")), of_variable("v_$story"))
        ],
        deployment(
            "scheduled $story", keep="scheduled", schedules=[scheduled(parameters={"x": of_variable("v_$story")})]
        ),
        get(f"{ALL}/$scheduled/schedules"),
        *[post("/ui/schemas/validate", {"schema": SCHEMA, "values": {"x": value}}) for value in MADE],
    ],
    "limits": [
        flow(),
        deployment(concurrency_limit=2, concurrency_options={"collision_strategy": "CANCEL_NEW"}),
        READ,
        get("/v2/concurrency_limits/deployment:$deployment"),
        patch(ONE, {"concurrency_limit": 3}),
        READ,
        patch(ONE, {"concurrency_limit": None}),
        READ,
        get("/v2/concurrency_limits/deployment:$deployment"),
        post("/v2/concurrency_limits/", {"name": "shared $story", "limit": 1}, keep={"limit": "id"}),
        patch(ONE, {"global_concurrency_limit_id": "$limit"}),
        READ,
        patch(ONE, {"global_concurrency_limit_id": "$limit", "concurrency_limit": 1}),
        patch(ONE, {"global_concurrency_limit_id": None}),
        READ,
    ],
    "listed": [
        flow(),
        deployment("b $story", tags=["x", "y"]),
        deployment("a $story", keep="second", tags=["x"], paused=True),
        deployment("c $story", keep="third", concurrency_limit=4),
        found(),
        found(sort="NAME_DESC", limit=2, offset=1),
        found(sort="CREATED_DESC"),
        found(sort="UPDATED_DESC", limit=0),
        found(deployments={"tags": {"all_": ["x", "y"]}}),
        found(deployments={"tags": {"any_": ["y", "z"]}}),
        found(deployments={"tags": {"is_null_": True}}),
        found(deployments={"paused": {"eq_": True}}),
        found(deployments={"name": {"like_": "A $story"}}),
        found(deployments={"name": {"any_": ["c $story"]}}),
        found(deployments={"id": {"not_any_": ["$deployment"]}}),
        found(deployments={"flow_or_deployment_name": {"like_": "$story"}}),
        found(deployments={"flow_or_deployment_name": {"like_": "b $story"}}),
        found(deployments={"concurrency_limit": {"ge_": 4}}),
        found(deployments={"operator": "or_", "paused": {"eq_": True}, "tags": {"all_": ["y"]}}),
        post(f"{ALL}/paginate", {"flows": {"id": {"any_": ["$flow"]}}, "limit": 2, "page": 2}),
        post(f"{ALL}/paginate", {"flows": {"id": {"any_": ["$flow"]}}, "page": 0}),
        post(f"{ALL}/count", {"flows": {"name": {"any_": ["$story"]}}}),
        run(deployment_id="$third"),
        found(flow_runs={"id": {"any_": ["$run"]}}),
        post("/flows/count", {"deployments": {"name": {"any_": ["a $story"]}}}),
        post("/flows/filter", {"flows": {"id": {"any_": ["$flow"]}, "deployment": {"is_null_": False}}}),
        post(f"{ALL}/bulk_delete", {"deployments": {"id": {"any_": ["$deployment"]}}}),
        post(f"{ALL}/count", {"flows": {"name": {"any_": ["$story"]}}}),
        delete("/flows/$flow"),
        get(f"{ALL}/$third"),
    ],
}
