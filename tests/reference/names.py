"""Public names of the reference that Lictor lacks, and why: `docs/coming-from-prefect.md` prints this table."""

from __future__ import annotations

MODULES = (
    *("", "artifacts", "client", "client.orchestration", "concurrency.asyncio", "concurrency.sync", "context"),
    *(
        "deployments",
        "deployments.runner",
        "docker",
        "events",
        "events.utilities",
        "flow_runs",
        "flows",
        "futures",
        "input",
        "logging",
    ),
    *("logging.formatters", "logging.handlers", "logging.highlighters", "logging.loggers", "runner.storage"),
    "runtime.deployment",
    *("runtime.flow_run", "runtime.task_run", "schedules", "states", "task_runners", "task_worker", "tasks"),
    *("testing.utilities", "utilities.annotations", "variables"),
)
"""Modules whose names are compared; those of the client's types, of exceptions and of blocks have tests of their own."""

MISSING: dict[str, tuple[str, ...]] = {
    "Not built yet: transactions": ("Transaction",),
    "Part of flows bound to infrastructure, which are experimental in the reference": ("futures.PrefectFlowRunFuture",),
    "Not built yet: automations, and event clients in Python": (
        *("events.Action", "events.ActionTypes", "events.Automation", "events.AutomationCore", "events.CallWebhook"),
        *("events.CancelFlowRun", "events.ChangeFlowRunState", "events.CompositeTrigger", "events.CompoundTrigger"),
        *("events.DeclareIncident", "events.DeleteFlowRun", "events.DeploymentCompoundTrigger"),
        *("events.DeploymentEventTrigger", "events.DeploymentMetricTrigger", "events.DeploymentSequenceTrigger"),
        *("events.DeploymentTriggerTypes", "events.DoNothing", "events.EventTrigger", "events.FlowRunSubscriber"),
        *("events.MetricTrigger", "events.MetricTriggerOperator", "events.MetricTriggerQuery"),
        *("events.PauseAutomation", "events.PauseDeployment", "events.PauseWorkPool", "events.PauseWorkQueue"),
        *("events.Posture", "events.ResourceTrigger", "events.ResumeAutomation", "events.ResumeDeployment"),
        *("events.ResumeWorkPool", "events.ResumeWorkQueue", "events.RunDeployment", "events.SendNotification"),
        *("events.SequenceTrigger", "events.SuspendFlowRun", "events.Trigger", "events.TriggerTypes"),
        *("events.get_events_client", "events.get_events_subscriber"),
    ),
    "Not built yet: assets": ("context.AssetContext", "tasks.MaterializingTask"),
    "Not built yet: results, caches": ("tasks.task_input_hash", "utilities.annotations.freeze"),
    "Workers log by `lictor.worker`, all alike": ("logging.loggers.get_worker_logger",),
    "`Runner`, `serve` and entrypoints load flows by themselves": (
        *("flows.is_entrypoint_async", "flows.load_flow_arguments_from_entrypoint"),
        *(
            "flows.load_flow_from_entrypoint",
            "flows.load_flow_from_flow_run",
            "flows.load_function_and_convert_to_flow",
        ),
        *("flows.load_placeholder_flow", "flows.safe_load_flow_from_entrypoint", "flows.select_flow"),
    ),
    "What the server refuses is raised as any refusal: `lictor.exceptions.PrefectHTTPStatusError`": (
        "deployments.runner.DeploymentApplyError",
    ),
    "Experimental in the reference: flows bound to infrastructure": (
        *("flows.InfrastructureBoundFlow", "flows.bind_flow_to_infrastructure"),
    ),
    "Types for checkers; `@flow` and `@task` keep those of the function": (
        *("flows.FlowDecorator", "flows.FlowStateHook", "tasks.TaskOptions", "tasks.TaskRunNameCallbackWithParameters"),
    ),
    "Parts of the reference's engine": (
        *("states.StateGroup", "states.exception_to_crashed_state", "states.exception_to_failed_state"),
        *("states.format_exception", "states.return_value_to_state", "states.to_state_create"),
        *("futures.PrefectTaskRunFuture", "futures.PrefectWrappedFuture", "task_runners.PrefectTaskRunner"),
        *("context.AsyncClientContext", "context.ContextModel", "context.EngineContext", "context.RunContext"),
        *("context.SyncClientContext", "context.hydrated_context", "context.serialize_context", "context.with_context"),
        *("task_worker.StopTaskWorker", "task_worker.aserve", "task_worker.create_status_server"),
        *("task_worker.read_parameters", "task_worker.should_try_to_read_parameters", "task_worker.store_parameters"),
        *("logging.handlers.APILogWorker", "logging.handlers.emit_api_log", "logging.handlers.set_api_log_sink"),
        *("logging.formatters.format_exception_info", "logging.loggers.PrefectLogAdapter"),
        *("logging.loggers.patch_print", "logging.loggers.print_as_log"),
        *("utilities.annotations.NotSet", "utilities.annotations.opaque"),
    ),
    "Settings are read by `lictor.settings.current()`, and set for a while by `temporary_settings`": (
        *("context.GLOBAL_SETTINGS_CONTEXT", "context.SettingsContext", "context.get_settings_context"),
        *("context.refresh_global_settings_context", "context.root_settings_context", "context.use_profile"),
    ),
    "For the reference's own tests": (
        *("testing.utilities.a_test_step", "testing.utilities.assert_blocks_equal"),
        *("testing.utilities.assert_does_not_warn", "testing.utilities.assert_uses_result_serializer"),
        *("testing.utilities.assert_uses_result_storage", "testing.utilities.b_test_step"),
        *("testing.utilities.exceptions_equal", "testing.utilities.get_most_recent_flow_run"),
        "testing.utilities.kubernetes_environments_equal",
    ),
}
"""By reason."""
