"""Where a flow's submitted tasks run: in threads, in processes, or where a class of one's own lets them."""

from lictor.engine.submission import Submission
from lictor.engine.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner
from lictor.engine.task_runners import ThreadPoolTaskRunner as ConcurrentTaskRunner

__all__ = ["ConcurrentTaskRunner", "ProcessPoolTaskRunner", "Submission", "TaskRunner", "ThreadPoolTaskRunner"]
