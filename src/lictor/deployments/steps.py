"""Steps that deployments and project files name: each a function, whose outputs later steps may use."""

from lictor.sdk.deployment_steps import run_step
from lictor.sdk.known_steps import (
    build_docker_image,
    git_clone,
    pip_install_requirements,
    pull_from_remote_storage,
    pull_with_block,
    push_docker_image,
    run_shell_script,
    set_working_directory,
)

__all__ = [
    "build_docker_image",
    "git_clone",
    "pip_install_requirements",
    "pull_from_remote_storage",
    "pull_with_block",
    "push_docker_image",
    "run_shell_script",
    "run_step",
    "set_working_directory",
]
