"""Makes pictures of drawings with Graphviz's program `dot`, and shows them."""

from __future__ import annotations

import os
import sys


class FlowVisualizationError(Exception):
    """A flow cannot be drawn."""


class GraphvizExecutableNotFoundError(FlowVisualizationError):
    """Graphviz is not installed, or not on PATH."""


def picture(dot: str, path: str) -> None:
    """Write a drawing as PNG to a file."""
    import shutil  # noqa: PLC0415  # few need it
    import subprocess  # noqa: PLC0415

    program = shutil.which("dot")
    if program is None:
        raise GraphvizExecutableNotFoundError(
            "Graphviz's program `dot` is not on PATH: install Graphviz (`apt install graphviz`, "
            "https://graphviz.org/download), or take generate_mermaid_graph(), which needs none."
        )
    made = subprocess.run([program, "-Tpng", "-o", path], input=dot, capture_output=True, text=True, check=False)  # noqa: S603  # what PATH has
    if made.returncode:
        raise FlowVisualizationError(f"{program} made no picture: {made.stderr.strip() or made.returncode}")


def show(path: str) -> None:
    """Open a file with what the desktop opens it with; do nothing where there is no desktop."""
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606
        return
    import shutil  # noqa: PLC0415
    import subprocess  # noqa: PLC0415

    program = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if program and (sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        subprocess.Popen([program, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
