"""Images that flows run in."""

from lictor.sdk.docker_image import BuildError, DockerImage, PushError

__all__ = ["BuildError", "DockerImage", "PushError"]
