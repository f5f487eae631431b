"""The harness under the name of the module where Prefect has it."""

from lictor.testing.harness import lictor_test_harness

__all__ = ["lictor_test_harness"]
