"""The catalogue of worker types: what each runs flows in, and the base job template that its pools begin with."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(title: str, description: str, **more: Any) -> Schema:
    """Describe a variable that is a text."""
    return {"title": title, "description": description, "type": "string", **more}


def texts_by_name(title: str, description: str) -> Schema:
    """Describe a variable that has texts by name."""
    return {"title": title, "description": description, "type": "object", "additionalProperties": {"type": "string"}}


def switch(title: str, description: str, default: bool) -> Schema:
    """Describe a variable that is on or off."""
    return {"title": title, "description": description, "type": "boolean", "default": default}


def number(title: str, description: str, **more: Any) -> Schema:
    """Describe a variable that is a whole number."""
    return {"title": title, "description": description, "type": "integer", **more}


def listed(title: str, description: str) -> Schema:
    """Describe a variable that is a list of texts."""
    return {"title": title, "description": description, "type": "array", "items": {"type": "string"}}


EVERYWHERE: dict[str, Schema] = {
    "name": text("Name", "What a run's process, container or job is called."),
    "env": {
        **texts_by_name("Environment Variables", "Environment variables of the run, by name; null leaves one out."),
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "labels": texts_by_name("Labels", "Labels of a run's process, container or job, by name."),
    "command": text("Command", "What starts the run; by default the worker knows it."),
    "stream_output": switch("Stream Output", "Whether the worker prints what the run prints.", True),
}
IMAGE = text("Image", "The image that the run's container is made of.")

PROCESS: dict[str, Schema] = {
    **EVERYWHERE,
    "working_dir": text("Working Directory", "The folder that the run begins in; by default a new one.", format="path"),
}
DOCKER: dict[str, Schema] = {
    **EVERYWHERE,
    "image": IMAGE,
    "image_pull_policy": text(
        "Image Pull Policy", "When the image is pulled.", enum=["IfNotPresent", "Always", "Never"]
    ),
    "networks": listed("Networks", "The networks that the container joins."),
    "network_mode": text("Network Mode", "The container's network mode, such as host; not with networks."),
    "auto_remove": switch("Auto Remove", "Whether the container is removed when it has ended.", False),
    "volumes": listed("Volumes", "What is mounted in the container: folder:place."),
    "mem_limit": text("Memory Limit", "The most memory of the container, such as 512m."),
    "memswap_limit": text("Memory Swap Limit", "The most memory and swap of the container together."),
    "privileged": switch("Privileged", "Whether the container has all rights on its host.", False),
}
KUBERNETES: dict[str, Schema] = {
    **EVERYWHERE,
    "image": IMAGE,
    "namespace": text("Namespace", "The namespace of the job.", default="default"),
    "service_account_name": text("Service Account Name", "The service account of the job."),
    "image_pull_policy": text(
        "Image Pull Policy", "When the image is pulled.", enum=["IfNotPresent", "Always", "Never"]
    ),
    "finished_job_ttl": number("Finished Job TTL", "Seconds after which an ended job is removed; by default never."),
    "pod_watch_timeout_seconds": number("Pod Watch Timeout Seconds", "How long a pod may take to start.", default=60),
}
MANIFEST: Schema = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {
        "labels": "{{ labels }}",
        "namespace": "{{ namespace }}",
        "generateName": "{{ name }}-",
    },
    "spec": {
        "backoffLimit": 0,
        "ttlSecondsAfterFinished": "{{ finished_job_ttl }}",
        "template": {
            "spec": {
                "parallelism": 1,
                "completions": 1,
                "restartPolicy": "Never",
                "serviceAccountName": "{{ service_account_name }}",
                "containers": [
                    {
                        "name": "prefect-job",
                        "env": "{{ env }}",
                        "image": "{{ image }}",
                        "imagePullPolicy": "{{ image_pull_policy }}",
                        "args": "{{ command }}",
                    }
                ],
            }
        },
    },
}
OF_MANIFEST = frozenset({"image", "namespace", "service_account_name", "image_pull_policy", "finished_job_ttl"})


def entry(  # what is said of a type
    kind: str, display_name: str, description: str, package: str, variables: dict[str, Schema], **configuration: Any
) -> Schema:
    """Describe a worker type; what a job manifest does not use stands in its job configuration by itself."""
    plain = {name: f"{{{{ {name} }}}}" for name in variables if not (configuration and name in OF_MANIFEST)}
    return {
        "type": kind,
        "display_name": display_name,
        "description": description,
        "install_command": f"pip install {package}",
        "documentation_url": "",
        "logo_url": "",
        "is_beta": False,
        "default_base_job_configuration": {
            "job_configuration": {**plain, **configuration},
            "variables": {"type": "object", "properties": variables},
        },
    }


WORKER_TYPES: dict[str, dict[str, Schema]] = {
    "prefect": {
        "process": entry(
            "process", "Process", "Runs each flow run in a process of its own, beside the worker.", "prefect", PROCESS
        )
    },
    "prefect-docker": {
        "docker": entry(
            "docker", "Docker", "Runs each flow run in a container of a Docker host.", "prefect-docker", DOCKER
        )
    },
    "prefect-kubernetes": {
        "kubernetes": entry(
            "kubernetes",
            "Kubernetes",
            "Runs each flow run as a job of a Kubernetes cluster.",
            "prefect-kubernetes",
            KUBERNETES,
            job_manifest=MANIFEST,
        )
    },
}
"""Worker types by the package that has their worker, and by name."""
