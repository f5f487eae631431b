"""Writes project files: new ones, and deployments added to those there are, whose comments and anchors stay."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lictor.kit.git import GitError, checkout
from lictor.sdk.docker_image import folder_in_image
from lictor.sdk.found_flows import flows_below
from lictor.sdk.project_file import NAME

HEAD = """# The deployments of this project: `lictor deploy --all` makes them.
# What a file may say is told in the guide "Project files".
name: {name}
"""
GIT = """
# Each run clones the repository. A private one needs a Secret block:
#     access_token: "{{{{ prefect.blocks.secret.NAME }}}}"
pull:
  - prefect.deployments.steps.git_clone:
      repository: {repository}
      branch: {branch}
"""
LOCAL = """
# Runs find the code in this folder; workers have to be on this machine.
pull:
  - prefect.deployments.steps.set_working_directory:
      directory: {directory}
"""
DOCKER = """
# The image is built, and pushed to its registry, when deployments are made.
build:
  - prefect_docker.deployments.steps.build_docker_image:
      id: build_image
      image_name: {image_name}
      tag: {tag}
      dockerfile: {dockerfile}
push:
  - prefect_docker.deployments.steps.push_docker_image:
      image_name: "{{{{ build_image.image_name }}}}"
      tag: "{{{{ build_image.tag }}}}"
pull:
  - prefect.deployments.steps.set_working_directory:
      directory: {inside}
"""
DEPLOYMENTS = """
deployments:
  - name: default
    entrypoint: {entrypoint}
    parameters: {{}}
    schedules: []
    work_pool:
      name: {pool}
"""
IN_IMAGE = """      job_variables:
        image: "{{{{ build_image.image }}}}"
"""
RECIPES = {"local": LOCAL + DEPLOYMENTS, "git": GIT + DEPLOYMENTS, "docker": DOCKER + DEPLOYMENTS + IN_IMAGE}
"""What is said of where the code is, and a deployment, by the recipe's name."""
NEEDED = {
    "git": ("repository", "its address: this folder's has no remote."),
    "docker": ("image_name", "the image's name, with the registry."),
}
"""What a recipe cannot do without."""


def initialize_project(
    name: str | None = None, recipe: str | None = None, inputs: Mapping[str, str] | None = None
) -> list[str]:
    """Make a project file in the working folder, with the first flow that is found; return the files that are made.

    A file that is there is left as it is, and none made.

    Args:
        name: The project's name, by default the folder's.
        recipe: `local`, `git` or `docker`; by default `git` in a repository that has a remote, else `local`.
        inputs: Values of the recipe: `directory`; `repository`, `branch`; `image_name`, `tag`, `dockerfile`, and the
            folder in the image, `inside`; and `entrypoint` and `pool` of the deployment.

    Raises:
        ValueError: There is no such recipe, or it takes no such input.
    """
    here, file = Path.cwd(), Path(NAME)
    if recipe is not None and recipe not in RECIPES:
        raise ValueError(f"recipe: '{recipe}' is none of {', '.join(RECIPES)}.")
    values = usual_inputs(here)
    unknown = sorted(set(inputs or {}) - set(values))
    if unknown:
        raise ValueError(f"inputs: '{unknown[0]}' is none of {', '.join(values)}.")
    values |= inputs or {}
    recipe = recipe or ("git" if values["repository"] else "local")
    needed, what = NEEDED.get(recipe, ("pool", ""))
    if not values[needed]:
        raise ValueError(f"inputs: the recipe '{recipe}' needs '{needed}', {what}")
    if file.exists():
        return []
    quoted = {each: json.dumps(value, ensure_ascii=False) for each, value in values.items()}
    text = HEAD + RECIPES[recipe]
    file.write_text(text.format(name=json.dumps(name or here.name, ensure_ascii=False), **quoted), encoding="utf-8")
    return [NAME]


def usual_inputs(folder: Path) -> dict[str, str]:
    """Return what recipes fill in if nothing else is said."""
    try:
        found = checkout(folder)
        repository, branch = found.url, found.branch if found.branch != "HEAD" else "main"
    except (GitError, OSError):
        repository, branch = "", "main"
    entrypoint = next(flows_below(folder), "flows/hello.py:hello")
    return {
        "directory": str(folder),
        "repository": repository,
        "branch": branch,
        "image_name": "",
        "tag": "latest",
        "dockerfile": "Dockerfile" if (folder / "Dockerfile").exists() else "auto",
        "inside": folder_in_image(folder),
        "entrypoint": entrypoint,
        "pool": "default",
    }


def as_item(entry: Mapping[str, Any], column: int = 2) -> str:
    """Return a deployment as an item of a project file's list."""
    import yaml  # noqa: PLC0415  # few write such a file

    said = {name: value for name, value in entry.items() if value not in (None, {}, [])}
    text = yaml.safe_dump([said], sort_keys=False, allow_unicode=True, default_flow_style=False, width=120)
    return "".join(f"{' ' * column}{line}\n" for line in text.splitlines())


def with_entry(file: Path, entry: Mapping[str, Any]) -> str | None:
    """Return the text of a project file with one more deployment, and all else as it was; None where that cannot be."""
    import yaml  # noqa: PLC0415  # see above

    text = file.read_bytes().decode() if file.exists() else HEAD.format(name=json.dumps(Path.cwd().name))
    top: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    if top is not None and (top.id != "mapping" or top.flow_style):
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.removesuffix("\n").removesuffix("\r").split(end)
    node = next((value for name, value in top.value if name.value == "deployments"), None) if top is not None else None
    if node is None:
        lines += ["", "deployments:", *as_item(entry).splitlines()]
    elif node.id == "scalar" and not node.value:
        at = node.start_mark.line + 1
        lines[at:at] = as_item(entry).splitlines()
    elif node.id == "sequence" and not node.flow_style:
        at = last_line(lines, node) + 1
        lines[at:at] = as_item(entry, node.start_mark.column).splitlines()
    else:
        return None
    made = end.join(lines) + end
    return made if is_added(text, made) else None


def last_line(lines: list[str], node: Any) -> int:
    """Return the last line of a list that says something."""
    at: int = min(node.end_mark.line, len(lines) - 1)
    if node.end_mark.column == 0 and node.end_mark.line < len(lines):
        at -= 1
    while not lines[at].strip() or lines[at].lstrip().startswith("#"):
        at -= 1
    return at


def is_added(before: str, after: str) -> bool:
    """Tell whether a text says what another did, and one more deployment."""
    import yaml  # noqa: PLC0415  # see above

    try:
        old, new = yaml.safe_load(before) or {}, yaml.safe_load(after)
    except yaml.YAMLError:
        return False
    there = old.pop("deployments", None) or []
    added = new.pop("deployments", None) or []
    return bool(old == new and added[:-1] == there and len(added) == len(there) + 1)


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o666
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as target:
        target.write(text.encode())
    if file.exists():
        beside.chmod(mode)
    beside.replace(file)
