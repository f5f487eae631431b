"""Says which images an SDK makes of names, and deploys flows in them: `python images.py SDK`.

PREFECT_API_URL must be set.
"""
# mypy: ignore-errors

import json
import sys
from importlib import import_module
from pathlib import Path
from uuid import uuid4

SDK = sys.argv[1]
package, DockerImage = import_module(SDK), import_module(f"{SDK}.docker").DockerImage
actions, deployments = import_module(f"{SDK}.client.schemas.actions"), import_module(f"{SDK}.deployments")
NAMES = [
    *(("flows", "1"), ("flows:1", None), ("me/flows:v1.0", None), ("example.org/me/flows", "a"), ("flows:1", "2")),
    *(("example.org:5000/me/deep/flows:1", None), ("localhost:5000/flows", "a_b-c.D"), ("flows", "")),
]
TEMPLATE = {
    "job_configuration": {"image": "{{ image }}", "env": "{{ env }}"},
    "variables": {"type": "object", "properties": {"image": {"type": "string"}, "env": {"type": "object"}}},
}
KEPT = ("pull_steps", "entrypoint", "path", "job_variables", "version", "work_pool_name", "work_queue_name", "tags")


def made(name, tag, namespace=None):
    """Return the name of the image, or that there is none."""
    try:
        image = DockerImage(name, tag)
    except ValueError:
        return "refused"
    return [image.name, image.tag if image.tag[:2] != "20" else len(image.tag), image.dockerfile]


def sent(found):
    """Return what the server keeps of a deployment."""
    with package.get_client(sync_client=True) as client:
        kept = client.read_deployment(found).model_dump(mode="json")
    steps = json.loads(json.dumps(kept["pull_steps"]).replace(str(Path.cwd()), "/here"))
    return {**{name: kept[name] for name in KEPT}, "pull_steps": steps}


def tried(function):
    """Return what a function returns, or the kind of error that it raises."""
    try:
        return sent(function())
    except (ValueError, TypeError) as error:
        return type(error).__name__


def deployed(**options):
    """Deploy the flow."""
    return work.deploy(f"d-{uuid4()}", print_next_steps=False, ignore_warnings=True, **options)


def several(**options):
    """Deploy the flow beside another deployment."""
    both = [work.to_deployment(f"d-{uuid4()}", **each) for each in ({}, {"job_variables": {"image": "own"}})]
    options = {"print_next_steps_message": False, "ignore_warnings": True, **options}
    return deployments.deploy(*both, **options)[1]


def applied(*, image=None, pool=None, **options):
    """Tell the server of a deployment."""
    given = {"work_pool_name": pool} if pool else {}
    return work.to_deployment(f"d-{uuid4()}", **options).apply(**given, **({"image": image} if image else {}))


Path("flows").mkdir()
code = Path("flows/work.py")
code.write_text(f"from {SDK} import flow\n\n@flow(version='1')\ndef work(x: int = 1):\n    return x\n")
sys.path.insert(0, str(Path.cwd()))
work = import_module("flows.work").work
with package.get_client(sync_client=True) as client:
    for name, template in (("contained", TEMPLATE), ("processes", None)):
        kind = {"type": "docker", "base_job_template": template} if template else {"type": "process"}
        client.create_work_pool(actions.WorkPoolCreate(name=name, **kind), overwrite=True)
kinds = import_module("lictor.deployments" if SDK == "lictor" else "prefect.types.entrypoint").EntrypointType
there = {"work_pool_name": "contained", "image": "example.org/me/flows:1", "build": False}
found = {
    "deployed": lambda: deployed(**there),
    "as an image": lambda: deployed(**{**there, "image": DockerImage("example.org/me/flows", "2")}, push=False),
    "with variables": lambda: deployed(**there, job_variables={"env": {"A": "1"}}, tags=["a"]),
    "image twice": lambda: deployed(**there, job_variables={"image": "other"}),
    "variable alone": lambda: deployed(work_pool_name="contained", job_variables={"image": "other"}),
    "several": lambda: several(**there),
    "in a pool of processes": lambda: deployed(**{**there, "work_pool_name": "processes"}),
    "no image": lambda: deployed(work_pool_name="contained"),
    "by its module": lambda: deployed(**there, entrypoint_type=kinds.MODULE_PATH),
    "by its module, no image": lambda: deployed(work_pool_name="contained", entrypoint_type=kinds.MODULE_PATH),
    "by its module, in processes": lambda: deployed(work_pool_name="processes", entrypoint_type=kinds.MODULE_PATH),
    "no pool": lambda: deployed(image="flows:1", build=False),
    "two tags": lambda: deployed(**{**there, "image": DockerImage("a:1", tag="2")}),
    "applied": lambda: applied(pool="contained", image="flows:1"),
    "applied without an image": lambda: applied(pool="contained"),
    "applied without a pool": applied,
    "image without a pool": lambda: applied(image="flows:1"),
    "queue without a pool": lambda: applied(work_queue_name="q"),
    "variables without a pool": lambda: applied(job_variables={"a": 1}),
    "from a folder": lambda: package.flow.from_source("flows", "work.py:work").deploy(
        "from-a-folder", print_next_steps=False, ignore_warnings=True, **there
    ),
}
print(json.dumps({"names": [made(*each) for each in NAMES], **{name: tried(each) for name, each in found.items()}}))
