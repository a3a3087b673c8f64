"""`kubernetes.suspend_cronjob` on a real control plane, which has them in batch/v1beta1."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.actions.kubernetes.suspend_cronjob import PLUGIN, SuspendCronJob
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Json
from bot.clients.kubernetes.named import OnCronJob
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import MARK
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster import batch
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space

STEP = "inc-1:1"


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[SuspendCronJob]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def nightly(space: Space) -> OnCronJob:
    return OnCronJob(cluster=CONTEXT, namespace=space.name, name="nightly")


def path(space: Space) -> str:
    return f"/{batch.CRON}/namespaces/{space.name}/cronjobs/nightly"


async def read(space: Space) -> Json:
    return await space.admin.get(path(space))


async def test_it_begins_nothing_more_until_it_is_taken_back(
    action: SuspendCronJob, space: Space
) -> None:
    await batch.cronjob(space, "nightly")
    scope = await action.scope(nightly(space))

    done = await action.execute(nightly(space), scope.pre_state, STEP)
    suspended = await read(space)
    await action.undo(nightly(space), scope.pre_state, STEP)

    wish = """-p '{"spec":{"suspend":true}}'"""
    assert scope.says == f"kubectl patch cronjob/nightly -n {space.name} {wish} (local)"
    assert done == f"suspended cronjob nightly in {space.name}: it begins nothing more"
    assert suspended["spec"]["suspend"] is True
    assert suspended["metadata"]["annotations"][MARK] == STEP
    assert (await read(space))["spec"]["suspend"] is False
    assert (await action.scope(nightly(space))).pre_state == scope.pre_state


async def test_jobs_that_run_are_named_and_run_on(action: SuspendCronJob, space: Space) -> None:
    cron = await batch.cronjob(space, "nightly")
    await batch.running(space, cron, "nightly-1", "nightly-2")

    scope = await action.scope(nightly(space))
    await action.execute(nightly(space), scope.pre_state, STEP)

    assert scope.blast_radius.seen == {"runs now": "nightly-1, nightly-2"}
    assert scope.blast_radius.line.endswith("; what runs of it goes on to its end")
    jobs = await space.admin.get(f"/{batch.BATCH}/namespaces/{space.name}/jobs")
    assert len(jobs["items"]) == 2


async def test_one_that_is_suspended_already_is_no_plan(
    action: SuspendCronJob, space: Space
) -> None:
    await batch.cronjob(space, "nightly", suspend=True)

    with pytest.raises(AlreadyThere, match="is suspended already"):
        await action.scope(nightly(space))


async def test_one_that_changed_since_it_was_planned_for_is_not_touched(
    action: SuspendCronJob, space: Space
) -> None:
    await batch.cronjob(space, "nightly")
    scope = await action.scope(nightly(space))
    await space.admin.patch(path(space), {"spec": {"schedule": "1 1 29 2 *"}}, kind=MERGE_PLAIN)

    with pytest.raises(PermanentError, match=r"changed since .*: schedule 0 0 29 2 \* → 1 1 29 2"):
        await action.execute(nightly(space), scope.pre_state, STEP)

    assert await action.landed(nightly(space), scope.pre_state, STEP) is None
    assert not (await read(space))["spec"].get("suspend")


async def test_a_wrong_name_is_said_with_cluster_and_object(
    action: SuspendCronJob, space: Space
) -> None:
    with pytest.raises(PermanentError, match=f"cronjobs/nightly in {space.name}: there is none"):
        await action.scope(nightly(space))
