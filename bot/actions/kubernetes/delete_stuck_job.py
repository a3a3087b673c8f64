"""
`kubernetes.delete_stuck_job`: take away a job that has failed or hangs, and its pods with it.

One that succeeded, that is younger than its deadline, or of which a pod succeeded within that time
is refused. A deleted job does not come back by itself; only when the runbook names the cron job
that made it, which then makes the next one, is there nothing to put back. What it was is kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from bot.clients.kubernetes import jobs, own, selecting
from bot.clients.kubernetes.cluster import Clusters, Json
from bot.clients.kubernetes.named import OnJob
from bot.clients.kubernetes.refusals import MissingError, StaleError
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, Name
from bot.clients.kubernetes.writing import TRIES
from bot.clients.rig import Rig
from bot.core import durations
from bot.core.blast_radius import BlastRadius, Target
from bot.core.durations import Duration
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

SHORTEST = timedelta(minutes=1)


def _long_enough(deadline: timedelta) -> timedelta:
    if deadline < SHORTEST:
        raise ValueError(f"{durations.text(deadline)} is too short to call a job stuck: give 1m")
    return deadline


class Stuck(OnJob):
    """Which job, what counts as stuck, and what made it."""

    deadline: Annotated[Duration, AfterValidator(_long_enough)] = Field(
        default=durations.parse("1h"),
        description="it hangs when it runs longer and no pod of it succeeded in this time",
    )
    cronjob: Name | None = Field(
        default=None, description="the cron job that must have made it, and makes the next one"
    )


class DeleteStuckJob:
    """Irreversible, unless it is one of a cron job's, which makes the next one by itself."""

    config = KubernetesSettings
    params = Stuck
    needs: ClassVar[tuple[Right, ...]] = (
        Right("batch", "jobs", ("get", "delete")),
        Right("", "pods", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._clock = rig.clock

    def way_back(self, params: Stuck) -> Reversibility:
        return Reversibility.SELF_RESTORING if params.cronjob else Reversibility.IRREVERSIBLE

    async def scope(self, params: Stuck) -> Scope:
        found = await self._clusters.get(params.cluster).get(params.path)
        await self._guard(params, found)
        why = jobs.stuck(found)
        notes = (why, f"cronjob {params.cronjob} makes the next one") if params.cronjob else (why,)
        return Scope(
            blast_radius=BlastRadius(
                targets=(Target(key=params.key, name=f"{params.short} ({params.cluster})"),),
                unit="job",
                touched=1,
                down_at_once=0,
                total=1,
                notes=notes,
            ),
            pre_state={
                "uid": found["metadata"]["uid"],
                "stuck": why,
                "manifest": jobs.manifest(found),
            },
            says=f"kubectl delete job/{params.name} -n {params.namespace} --cascade=background"
            f" ({params.cluster})",
        )

    async def execute(self, params: Stuck, before: Facts, mark: str = "") -> str:
        """Only this very job in this very version, looked at just before: uid and version lock."""
        cluster = self._clusters.get(params.cluster)
        for _ in range(TRIES):
            try:
                found = await cluster.get(params.path)
                if not _same(found, before):
                    return f"{params.short} is gone already"
                await self._guard(params, found)
                made = found["metadata"]
                lock = {"uid": made["uid"], "resourceVersion": made["resourceVersion"]}
                options = {"preconditions": lock, "propagationPolicy": "Background"}
                await cluster.delete(params.path, options, dry=True)
                await cluster.delete(params.path, options)
            except MissingError:
                return f"{params.short} is gone already"
            except StaleError:
                continue
            return f"deleted {params.short}, and its pods with it: {before['stuck']}"
        raise PermanentError(f"{params.short} changes too fast to be deleted; try again later")

    async def undo(self, params: Stuck, before: Facts, mark: str = "") -> str:
        if params.cronjob:
            return f"cronjob {params.cronjob} makes the next one"
        return f"{params.short} does not come back by itself; what it was is in the record"

    async def landed(self, params: Stuck, before: Facts, mark: str = "") -> bool | None:
        """That it is gone is all that was wanted, whoever did it."""
        try:
            found = await self._clusters.get(params.cluster).get(params.path)
        except MissingError:
            return True
        return not _same(found, before)

    async def _guard(self, params: Stuck, found: Json) -> None:
        """PermanentError when it is not stuck, or not the cron job's."""
        if params.cronjob and jobs.controller(found) != ("CronJob", params.cronjob):
            raise PermanentError(f"{params.short} was not made by cronjob {params.cronjob}")
        cluster = self._clusters.get(params.cluster)
        pods = await cluster.every(
            f"/api/v1/namespaces/{params.namespace}/pods",
            {"labelSelector": selecting.query(found["spec"].get("selector") or {})},
        )
        await own.refuse_pods(cluster, params.short, pods)
        why = jobs.unstuck(found, pods, self._clock.now(), params.deadline)
        if why:
            raise PermanentError(f"{params.short} is not stuck: {why}")


def _same(found: Json, before: Facts) -> bool:
    made = found["metadata"]
    return bool(made["uid"] == before["uid"] and not made.get("deletionTimestamp"))


PLUGIN = DeleteStuckJob
