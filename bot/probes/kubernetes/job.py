"""`kubernetes.job`: how a job, or a cron job and the jobs that it made, stand."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from bot.clients.kubernetes import ages, jobs, selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.named import OnJob
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.values import Facts

NONE: Facts = {
    "succeeded": 0,
    "failed": 0,
    "complete": False,
    "gave_up": False,
    "reason": "",
    "reasons": [],
    "age": None,
}
"""What is told of the newest job of a cron job that has none."""


class Made(StrEnum):
    """What is looked at."""

    JOB = "job"
    CRON_JOB = "cronjob"


class OnEither(OnJob):
    """Which job, or which cron job."""

    kind: Made = Field(default=Made.JOB, description="job or cronjob")


class State:
    """
    Reads active, succeeded, failed, complete, gave_up, suspended, reason, reasons and age.

    `gave_up` says that the job has failed for good, and `reason` why it ended; `reasons` are those
    of its pods; `age` is in seconds since it began. Of a cron job the first five and `reason` are
    those of its newest job, `active` counts its jobs that run, `job` names the newest,
    `failed_in_a_row` counts failed jobs up to the newest, and `scheduled_ago` and `succeeded_ago`
    are seconds, null when it never happened.
    """

    config = KubernetesSettings
    params = OnEither
    needs: ClassVar[tuple[Right, ...]] = (
        Right("batch", "jobs", ("get", "list")),
        Right("batch", "cronjobs", ("get",)),
        Right("", "pods", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._groups = Groups()
        self._clock = rig.clock

    async def read(self, params: OnEither) -> Facts:
        cluster = self._clusters.get(params.cluster)
        if params.kind is Made.JOB:
            return await self._job(cluster, params, await cluster.get(params.path))
        root = await self._groups.root(cluster, "batch", "cronjobs", params.namespace)
        cronjob = await cluster.get(f"{root}/{params.name}")
        listed = await cluster.every(f"/apis/batch/v1/namespaces/{params.namespace}/jobs")
        made = jobs.mine(listed, cronjob)
        newest = await self._job(cluster, params, made[0]) if made else NONE
        return {**newest, **_of_cronjob(cronjob, made, self._clock.now())}

    async def _job(self, cluster: Cluster, params: OnEither, job: Json) -> Facts:
        pods = await cluster.every(
            f"/api/v1/namespaces/{params.namespace}/pods",
            {"labelSelector": selecting.query(job["spec"].get("selector") or {})},
        )
        status, (how, why) = job.get("status") or {}, jobs.ended(job)
        return {
            "active": int(status.get("active") or 0),
            "succeeded": int(status.get("succeeded") or 0),
            "failed": int(status.get("failed") or 0),
            "complete": how == "Complete",
            "gave_up": how == "Failed",
            "suspended": bool(job["spec"].get("suspend")),
            "reason": why,
            "reasons": jobs.reasons(pods),
            "age": ages.since(jobs.began(job), self._clock.now()),
        }


def _of_cronjob(cronjob: Json, made: list[Json], now: datetime) -> Facts:
    status = cronjob.get("status") or {}
    well = (one for one in made if jobs.ended(one)[0] == "Complete")
    done = (str((one.get("status") or {}).get("completionTime") or "") for one in well)
    return {
        "active": len(jobs.active(cronjob)),
        "suspended": bool(cronjob["spec"].get("suspend")),
        "job": selecting.name(made[0]) if made else "",
        "failed_in_a_row": jobs.failed_in_a_row(made),
        "scheduled_ago": ages.since(status.get("lastScheduleTime"), now),
        "succeeded_ago": ages.since(
            ages.newest((status.get("lastSuccessfulTime"), *done)) or None, now
        ),
    }


PLUGIN = State
