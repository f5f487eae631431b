"""What is known of the run that goes on, such as `lictor.runtime.flow_run.name` and `lictor.runtime.task_run.id`.

Outside of a run the attributes are None, or empty lists and objects. For tests the environment can say them:
`PREFECT__RUNTIME__FLOW_RUN__NAME=a-name`.
"""

from lictor.runtime import deployment, flow_run, task_run

__all__ = ["deployment", "flow_run", "task_run"]
