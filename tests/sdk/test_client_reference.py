"""Programs for the reference's client run with this one: its methods have the same names and signatures."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lictor.client.orchestration import LictorClient, SyncLictorClient, get_client
from lictor.sdk.api.method import Method
from tests.running import clean_environment

PROGRAM = Path(__file__).with_name("carried_over.py")
REFERENCE = os.environ.get("LICTOR_TEST_REFERENCE_PYTHON")
LOOK = """
import inspect, json
from prefect.client import orchestration as o

def seen(function):
    signature = inspect.signature(function)
    return {
        "parameters": [[p.name, p.kind.name, repr(p.default)] for p in signature.parameters.values() if p.name != "self"],
        "returns": str(signature.return_annotation),
    }

print(json.dumps({
    name: {each: seen(value) for each, value in inspect.getmembers(kind, inspect.isfunction) if each[0] != "_"}
    for name, kind in (("sync", o.SyncPrefectClient), ("async", o.PrefectClient))
} | {"get_client": {"get_client": seen(o.get_client)}}))
"""
LOOK_AT_TYPES = """
import importlib, inspect, json, sys

def fields(kind):
    return sorted(getattr(kind, "model_fields", None) or getattr(kind, "__members__", {}))

print(json.dumps({
    name: {
        each: fields(kind)
        for each, kind in vars(importlib.import_module("prefect." + name)).items()
        if inspect.isclass(kind) and kind.__module__ == "prefect." + name and each[0] != "_" and "[" not in each
    }
    for name in sys.argv[1:]
}))
"""
MODULES = [
    *("client.schemas.actions", "client.schemas.filters", "client.schemas.objects", "client.schemas.responses"),
    *("client.schemas.sorting", "events.filters", "events.schemas.events"),
]
UNBUILT_TYPES = re.compile(r"^Automation")
"""Types of resources that are not built yet."""
NO_TYPES = {
    "LogFilterName": "the protocol's filter of log lines has no name",
    "FilterSet": "all filters together; no method takes it",
    "ConcurrencyLimitConfig": "`lictor.deployments` has it",
    "OperatorMixin": "a base class",
    "WorkerFilterWorkPoolId": "no filter has it",
    "EventDataFilter": "a base class",
    "RunInput": "a base class",
    "RunType": "no method takes or answers it",
    "ServerDefaultResultStorageUpdate": "results are not stored yet",
    "BlockDocumentReference": "no method takes or answers it",
    "BlockDocumentReferenceCreate": "as before",
    "BlockSchemaReference": "as before",
    **dict.fromkeys(("Agent", "Configuration"), "the protocol of version 3 has none"),
    **dict.fromkeys(
        (
            *("DeploymentBranch", "DeploymentBranchingOptions", "BranchingScheduleHandling", "Integration"),
            *("IPAllowlist", "IPAllowlistEntry", "IPAllowlistMyAccessResponse", "Workspace"),
        ),
        "only the paid service has it",
    ),
}
"""Types of the reference that are not here, and why."""

NO_FIELDS = {
    **dict.fromkeys(
        (f"Deployment{kind}.{field}" for kind in ("Create", "Response") for field in ("branch", "base", "root")),
        "only the paid service has branches of deployments",
    ),
    "DeploymentResponse.version_id": "only the paid service keeps versions of deployments",
    "DeploymentResponse.version_info": "as before",
    "Deployment.version_id": "as before",
    "Deployment.version_info": "as before",
    "DeploymentStatus.DISABLED": "only the paid service has it",
    "DeploymentSort.CONCURRENCY_LIMIT_ASC": "the protocol has no such order",
    "DeploymentSort.CONCURRENCY_LIMIT_DESC": "as before",
    "LogCreate.worker_id": "there are no workers yet",
    "StateAcceptDetails.type": "the class tells it, and the status",
    "StateRejectDetails.type": "as before",
    "StateAbortDetails.type": "as before",
    "StateWaitDetails.type": "as before",
    "TaskRunResult.input_type": "as before",
    "FlowRunResult.input_type": "as before",
    "Parameter.input_type": "as before",
    "Constant.input_type": "as before",
    "State.created": "the server does not tell it",
    "State.updated": "as before",
    "Resource.root": "a resource is a dictionary of its labels",
    "RelatedResource.root": "as before",
    "ResourceSpecification.root": "as before",
}
"""Fields of types that are not here, and why."""


UNBUILT = re.compile(r"automation|resource_owned|(update|clear)_server_default_result_storage")
"""Methods of resources that are not built yet."""

LEFT_OUT = {
    "apply_slas_for_deployment": "only the paid service has it",
    "create_deployment_branch": "as before",
    "raise_for_api_version_mismatch": "each client speaks with each server of protocol 3",
    "raise_for_api_version_mismatch_once": "as before",
    "request": "any operation of lictor.wire.operations can be carried; addresses are no arguments",
}
"""Methods of the reference that are not, and will not be, here."""

TAKES_OTHERWISE = {
    "create_deployment": "only the paid service has branches",
    "read_artifacts": "the arguments have names",
    "read_latest_artifacts": "as before",
}
"""Methods with other parameters, and why."""

RETURNED_OTHERWISE = {
    **dict.fromkeys(
        (
            *("read_deployment", "read_deployment_by_name", "read_deployments"),
            *("read_global_concurrency_limit_by_name", "read_global_concurrency_limits"),
            "get_scheduled_flow_runs_for_deployments",
        ),
        "what is answered is the object",
    ),
    "read_flow_run_states": "states are generic: State[Any]",
    "read_task_run_states": "as before",
    "read_flow_run_state": "as before",
}
"""Methods whose type of answer is written otherwise."""


def own_signature(function: Callable[..., Any]) -> dict[str, Any]:
    signature = inspect.signature(function)
    taken = [each for each in signature.parameters.values() if each.name != "self"]
    return {
        "parameters": [[each.name, each.kind.name, repr(each.default)] for each in taken],
        "returns": str(signature.return_annotation),
    }


def bare(annotation: str) -> str:
    """Return a type's name as it is, out of whatever way of writing annotations."""
    text = re.sub(r"ForwardRef\(|[')\"]|<class |>", "", annotation)
    text = re.sub(r"\b[a-z_.]+\.(?=[A-Z])", "", text)  # modules
    text = re.sub(r"^(Call|Steps)\[(.*)\]$", r"\2", text)
    text = re.sub(r"Optional\[(.*)\]", r"\1 | None", text)
    return re.sub(r"(?<=OrchestrationResult)\[\w+\]", "", text)


def looked(code: str, *arguments: str) -> str:
    """Return what the reference's interpreter prints of itself."""
    if REFERENCE is None:
        pytest.skip("LICTOR_TEST_REFERENCE_PYTHON names no interpreter with the reference")
    command = [REFERENCE, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=clean_environment()).stdout


@pytest.fixture(scope="module")
def reference() -> dict[str, dict[str, Any]]:
    """What the reference's clients look like."""
    found: dict[str, dict[str, Any]] = json.loads(looked(LOOK))
    return found


@pytest.mark.parametrize(("name", "kind"), [("sync", SyncLictorClient), ("async", LictorClient)])
def test_methods_are_called_as_those_of_the_reference(
    reference: dict[str, dict[str, Any]], name: str, kind: type[Any]
) -> None:
    wanted = {each for each in reference[name] if not UNBUILT.search(each) and each not in LEFT_OUT}
    own = {each: value for each, value in inspect.getmembers(kind) if isinstance(value, Method)}
    assert wanted - set(own) == {"client_version"}  # no question: the package's own version
    for each in sorted(wanted & set(own)):
        ours, theirs = own_signature(own[each]), reference[name][each]
        assert (ours["parameters"] == theirs["parameters"]) is (each not in TAKES_OTHERWISE), each
        assert bare(ours["returns"]) == bare(theirs["returns"]) or each in RETURNED_OTHERWISE, each


def test_a_client_is_asked_for_as_the_reference_s_is(reference: dict[str, dict[str, Any]]) -> None:
    assert own_signature(get_client)["parameters"] == reference["get_client"]["get_client"]["parameters"]


def test_what_is_allowed_to_differ_does(reference: dict[str, dict[str, Any]]) -> None:
    assert set(LEFT_OUT) <= set(reference["sync"])
    for each in RETURNED_OTHERWISE:
        ours = own_signature(getattr(SyncLictorClient, each))
        assert bare(ours["returns"]) != bare(reference["sync"][each]["returns"]), each


@pytest.fixture(scope="module")
def reference_types() -> dict[str, dict[str, list[str]]]:
    """The reference's types and their fields, by module."""
    found: dict[str, dict[str, list[str]]] = json.loads(looked(LOOK_AT_TYPES, *MODULES))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_types_have_the_names_and_fields_of_the_references(
    reference_types: dict[str, dict[str, list[str]]], module: str
) -> None:
    theirs = {name: set(fields) for name, fields in reference_types[module].items()}
    ours = vars(import_module(f"lictor.{module}"))
    missing = {name for name in theirs if name not in ours and not UNBUILT_TYPES.search(name)}
    assert missing == {name for name in NO_TYPES if name in theirs}
    lacking = {
        f"{name}.{field}" for name in theirs.keys() & ours.keys() for field in theirs[name] - set(fields_of(ours[name]))
    }
    assert lacking == {each for each in NO_FIELDS if each.partition(".")[0] in theirs}


def fields_of(kind: Any) -> list[str]:
    """Return the names of a type's fields, or of an enumeration's members."""
    return [*getattr(kind, "__struct_fields__", ()), *getattr(kind, "__members__", ())]


def printed(python: str, file: Path, server: str, home: Path) -> list[str]:
    environment = {
        **clean_environment(),
        "PREFECT_API_URL": server,
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    done = subprocess.run(
        [python, str(file)], env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_program_runs_with_its_imports_replaced(server: str, tmp_path: Path) -> None:
    if REFERENCE is None:
        pytest.skip("LICTOR_TEST_REFERENCE_PYTHON names no interpreter with the reference")
    file = tmp_path / "carried_over.py"
    file.write_text(PROGRAM.read_text().replace("prefect", "lictor"))
    ours = printed(sys.executable, file, server, tmp_path / "ours")
    theirs = printed(REFERENCE, PROGRAM, server, tmp_path / "theirs")
    assert ours == theirs
