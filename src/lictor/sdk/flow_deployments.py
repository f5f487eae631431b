"""What flows have for being deployed and served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from lictor.sdk.calling import handed
from lictor.sdk.runner import serve
from lictor.sdk.runner_deployment import ConcurrencyLimitConfig, RunnerDeployment, deploying_one
from lictor.sdk.steps import awaited, played

if TYPE_CHECKING:
    from typing import Unpack
    from uuid import UUID

    from lictor.sdk.docker_image import DockerImage
    from lictor.sdk.flow import Flow
    from lictor.sdk.runner_deployment import Source
    from lictor.sdk.signatures import DeploymentOptions, PoolOptions


class FlowDeployments:
    """A flow that deployments are made of."""

    name: str
    source: Source | None

    def to_deployment(
        self, name: str, *, work_pool_name: str | None = None, **options: Unpack[PoolOptions]
    ) -> RunnerDeployment:
        """Return a deployment of this flow, for `serve` or `apply`.

        To be awaited in async code; `ato_deployment` always is.

        Args:
            name: Its name, which with the flow's tells it from others; a path (`__file__`) stands for its stem.
            interval: Seconds, or a time, between two runs; or several of them.
            cron: A cron expression that says when runs start; or several.
            rrule: A recurrence rule (RFC 5545) that says it; or several.
            schedule: One schedule, made by `Interval`, `Cron` or `RRule` of `lictor.schedules`.
            schedules: Several, of any kind. At most one of these five may be given; without one, nothing is planned.
            paused: Whether schedules start nothing until it is resumed; None, the default, leaves it as it is.
            concurrency_limit: The most runs at once, as a number or a ConcurrencyLimitConfig. By default any number.
            parameters: Values of the flow's parameters for runs that do not say them.
            description: By default the flow's, or its docstring.
            tags: Given to each run.
            version: By default that of the commit that is deployed, or else the flow's.
            version_type: Where to look for that commit, `vcs:git` for one; `prefect:simple` for nowhere.
            enforce_parameter_schema: Whether runs whose parameters do not fit the flow's are refused. True by default.
            work_pool_name: The work pool whose workers run it.
            work_queue_name: The queue in it, its default one unless given.
            job_variables: Values that the pool's job template takes.
            entrypoint_type: `file_path`, the default, or `module_path`: how runs find the flow.

        Raises:
            EntrypointError: Runs could not find the flow, as where it is made in a function.
            ValueError: A schedule says no times, or they are said in several ways.
        """
        return cast("RunnerDeployment", handed(self.deployment(name, work_pool_name=work_pool_name, **options)))

    async def ato_deployment(
        self, name: str, *, work_pool_name: str | None = None, **options: Unpack[PoolOptions]
    ) -> RunnerDeployment:
        """Return a deployment of this flow, as `to_deployment` does."""
        return self.deployment(name, work_pool_name=work_pool_name, **options)

    def deployment(self, name: str, *, job_variables: dict[str, Any] | None = None, **options: Any) -> RunnerDeployment:
        """Return a deployment of this flow; see `to_deployment`."""
        flow = cast("Flow[..., Any]", self)
        return RunnerDeployment.from_flow(flow, name, job_variables=job_variables or {}, **options)

    def deploy(
        self,
        name: str,
        work_pool_name: str | None = None,
        image: DockerImage | str | None = None,
        build: bool = True,
        push: bool = True,
        *,
        print_next_steps: bool = True,
        ignore_warnings: bool = False,
        **options: Unpack[PoolOptions],
    ) -> UUID:
        """Make a deployment of this flow, whose runs wait in a work pool for a worker; return its id.

        Runs get the code where it comes from (see `from_source`), or have it in their image. Of a flow of this program
        without an image that is the folder that the program runs in, so that workers have to be on this machine.

        To be awaited in async code; `adeploy` always is.

        Args:
            name: The deployment's name.
            work_pool_name: The pool, `deployments.default_work_pool_name` unless given.
            image: The image that runs are in, where the pool's workers run them in containers: a name, or a
                `DockerImage` of `lictor.docker`.
            build: Whether the image is built, of the folder that the program runs in. True by default.
            push: Whether it is pushed after that. True by default.
            print_next_steps: Whether to say how to start a run.
            ignore_warnings: Taken for programs that say it; nothing is warned of.
            options: What else is said of the deployment: see `to_deployment`.

        Raises:
            BuildError: The image cannot be built.
            PushError: The image cannot be pushed.
            ValueError: No pool is named or there is none of the name, its runs are in no images, or they could not get
                the code.
        """
        made = self.deployment(name, **options)
        return cast("UUID", played(deploying_one(made, work_pool_name, print_next_steps, image, build, push)))

    async def adeploy(
        self,
        name: str,
        work_pool_name: str | None = None,
        image: DockerImage | str | None = None,
        build: bool = True,
        push: bool = True,
        *,
        print_next_steps: bool = True,
        ignore_warnings: bool = False,
        **options: Unpack[PoolOptions],
    ) -> UUID:
        """Make a deployment of this flow, as `deploy` does."""
        made = self.deployment(name, **options)
        return await awaited(deploying_one(made, work_pool_name, print_next_steps, image, build, push))

    def serve(
        self,
        name: str | None = None,
        *,
        global_limit: int | ConcurrencyLimitConfig | None = None,
        pause_on_shutdown: bool = True,
        print_starting_message: bool = True,
        limit: int | None = None,
        **options: Unpack[DeploymentOptions],
    ) -> None:
        """Make a deployment of this flow and run what falls due of it, until the process is interrupted or terminated.

        Each run is a process of its own, which loads this program's file: what the file does when it is run belongs
        under `if __name__ == "__main__":`. `lictor.serve` serves several.

        Args:
            name: The deployment's name, by default the flow's.
            global_limit: The most runs at once of the deployment, wherever they run.
            pause_on_shutdown: Whether the deployment is paused at the end, so that no runs pile up. True by default.
            print_starting_message: Whether to say what is served and how to start a run.
            limit: The most runs at once of this process; None, the default, for any number.
            options: What else is said of the deployment: see `to_deployment`.
        """
        made = self.deployment(name or self.name, concurrency_limit=global_limit, **options)
        serve(made, pause_on_shutdown=pause_on_shutdown, print_starting_message=print_starting_message, limit=limit)
