"""`kubernetes.delete_stuck_job` on a real control plane; its pods never end by themselves."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.delete_stuck_job import PLUGIN, DeleteStuckJob, Stuck
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clock import Clock
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility
from tests.clients import rigs
from tests.cluster import batch
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import WITHIN, Space

STEP = "inc-1:1"


class Later(Clock):
    """Two hours ahead, so that what began now hangs."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=2)


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[DeleteStuckJob]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, dataclasses.replace(rig, clock=Later()))


def report(space: Space, **more: Any) -> Stuck:
    named = {"cluster": CONTEXT, "namespace": space.name, "name": "report"}
    return Stuck.model_validate({**named, **more})


async def jobs(space: Space) -> list[str]:
    found = await space.admin.get(f"/{batch.BATCH}/namespaces/{space.name}/jobs")
    return [one["metadata"]["name"] for one in found["items"]]


async def test_one_that_hangs_goes_with_its_pods_and_what_it_was_is_kept(
    action: DeleteStuckJob, space: Space
) -> None:
    secret = [{"name": "DB_PASSWORD", "value": "hunter22"}, {"name": "MODE", "value": "x7q"}]
    await batch.job(space, "report", template=batch.pods(env=secret, command=["report"]))
    async with asyncio.timeout(WITHIN):
        while not await space.pods():
            await asyncio.sleep(0.2)
    scope = await action.scope(report(space))

    done = await action.execute(report(space), scope.pre_state, STEP)
    landed = await action.landed(report(space), scope.pre_state, STEP)
    again = await action.execute(report(space), scope.pre_state, STEP)

    kept = str(scope.pre_state["manifest"])
    assert "it hangs since 20" in scope.blast_radius.line
    assert done.startswith(f"deleted job report in {space.name}, and its pods with it: it hangs")
    assert (landed, again) == (True, f"job report in {space.name} is gone already")
    assert "'image': 'shop:1'" in kept
    assert not [one for one in ("hunter22", "x7q") if one in kept]
    assert await jobs(space) == []
    async with asyncio.timeout(WITHIN):
        while await space.pods():
            await asyncio.sleep(0.2)


async def test_one_that_was_given_up_is_stuck_at_once(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await batch.failed_job(space, "report")
    async with rigs.rig() as rig:
        scope = await PLUGIN(kubernetes, rig).scope(report(space))

    assert "it has failed: DeadlineExceeded" in scope.blast_radius.notes


async def test_one_that_succeeded_or_is_young_is_refused(
    action: DeleteStuckJob, kubernetes: KubernetesSettings, space: Space
) -> None:
    await batch.done_job(space, "report")
    with pytest.raises(PermanentError, match="is not stuck: it has succeeded"):
        await action.scope(report(space))

    await batch.job(space, "young")
    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match=r"it began .* s ago and is given 1 h"):
            await PLUGIN(kubernetes, rig).scope(report(space, name="young"))


async def test_one_that_got_well_after_the_question_is_not_deleted(
    action: DeleteStuckJob, space: Space
) -> None:
    # Without pods to count, the controller has no reason to write a status over the one given here.
    await batch.job(space, "report", parallelism=0)
    scope = await action.scope(report(space))
    path = f"/{batch.BATCH}/namespaces/{space.name}/jobs/report"
    ended = [{"type": "Complete", "status": "True"}]
    await space.admin.patch(f"{path}/status", {"status": {"conditions": ended}})

    with pytest.raises(PermanentError, match="is not stuck: it has succeeded"):
        await action.execute(report(space), scope.pre_state, STEP)

    assert await jobs(space) == ["report"]


async def test_another_job_of_the_same_name_is_left_alone(
    action: DeleteStuckJob, space: Space
) -> None:
    await batch.job(space, "report")
    scope = await action.scope(report(space))
    path = f"/{batch.BATCH}/namespaces/{space.name}/jobs/report"
    await space.admin.delete(path, {"propagationPolicy": "Background"})
    await batch.job(space, "report")

    done = await action.execute(report(space), scope.pre_state, STEP)

    assert done == f"job report in {space.name} is gone already"
    assert await jobs(space) == ["report"]


async def test_it_cannot_be_taken_back_unless_a_cron_job_makes_the_next_one(
    action: DeleteStuckJob, space: Space
) -> None:
    cron = await batch.cronjob(space, "nightly")
    await batch.failed_job(space, "report", cron)
    scope = await action.scope(report(space, cronjob="nightly"))

    assert action.way_back(report(space)) is Reversibility.IRREVERSIBLE
    assert action.way_back(report(space, cronjob="nightly")) is Reversibility.SELF_RESTORING
    assert scope.blast_radius.notes[1] == "cronjob nightly makes the next one"
    with pytest.raises(PermanentError, match="was not made by cronjob hourly"):
        await action.scope(report(space, cronjob="hourly"))


def test_a_deadline_that_any_job_misses_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="too short to call a job stuck"):
        Stuck.model_validate({"namespace": "shop", "name": "report", "deadline": "5s"})
