"""Workers, and what types of workers are made of."""

from lictor.sdk.job_configuration import JobConfiguration
from lictor.sdk.supervisor import Job
from lictor.sdk.worker import ProcessConfiguration, ProcessWorker, Worker

__all__ = ["Job", "JobConfiguration", "ProcessConfiguration", "ProcessWorker", "Worker"]
