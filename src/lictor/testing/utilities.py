"""The harness under the names, and in the module, that Prefect has for it."""

from lictor.testing.harness import lictor_test_harness
from lictor.testing.harness import lictor_test_harness as prefect_test_harness

__all__ = ["lictor_test_harness", "prefect_test_harness"]
