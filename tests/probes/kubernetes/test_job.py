"""`kubernetes.job` on a real control plane, with the jobs that its controller gave up or ended."""

from __future__ import annotations

from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.values import Facts
from bot.probes.kubernetes.job import NONE, PLUGIN, Made, OnEither
from tests.clients import rigs
from tests.cluster import batch
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space


async def read(
    kubernetes: KubernetesSettings, space: Space, name: str, kind: Made = Made.JOB
) -> Facts:
    async with rigs.rig() as rig:
        which = OnEither(cluster=CONTEXT, namespace=space.name, name=name, kind=kind)
        return await PLUGIN(kubernetes, rig).read(which)


async def test_a_job_that_was_given_up_says_why(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await batch.failed_job(space, "report")

    found = await read(kubernetes, space, "report")

    assert isinstance(found.pop("age"), float)
    assert found.pop("failed") in {0, 1}  # whether its pod began within that second
    assert found == {
        "active": 0,
        "succeeded": 0,
        "complete": False,
        "gave_up": True,
        "suspended": False,
        "reason": "DeadlineExceeded",
        "reasons": [],
    }


async def test_a_cron_job_counts_what_runs_and_what_failed_in_a_row(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    cron = await batch.cronjob(space, "nightly")
    await batch.done_job(space, "nightly-1", cron)
    await batch.failed_job(space, "nightly-2", cron)
    await batch.running(space, cron, "nightly-3", "nightly-4")

    found = await read(kubernetes, space, "nightly", Made.CRON_JOB)

    assert (found["active"], found["failed_in_a_row"], found["gave_up"]) == (2, 1, False)
    assert found["job"] in {"nightly-3", "nightly-4"}
    assert found["scheduled_ago"] is None
    assert isinstance(found["succeeded_ago"], float)


async def test_a_cron_job_that_never_began_has_no_job(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await batch.cronjob(space, "nightly", suspend=True)

    assert await read(kubernetes, space, "nightly", Made.CRON_JOB) == {
        **NONE,
        "active": 0,
        "suspended": True,
        "job": "",
        "failed_in_a_row": 0,
        "scheduled_ago": None,
        "succeeded_ago": None,
    }
