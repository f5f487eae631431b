"""The steps that come with Lictor, under the names that deployments and project files have for them."""

from lictor.sdk.docker_steps import build_docker_image, push_docker_image
from lictor.sdk.pull_steps import (
    git_clone,
    pip_install_requirements,
    pull_from_remote_storage,
    pull_with_block,
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
    "set_working_directory",
]
