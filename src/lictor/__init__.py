"""Lictor: a workflow orchestrator to host yourself. Public names load on first use."""

__version__ = "0.1.0"
