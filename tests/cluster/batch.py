"""Jobs and cron jobs of a test; the cron job controller's part is played by who makes its jobs."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.clients.kubernetes.cluster import MERGE_PLAIN, Json
from tests.cluster.spaces import WITHIN, Space, template

BATCH = "apis/batch/v1"
CRON = "apis/batch/v1beta1"
"""Where a server of this version keeps cron jobs."""


def pods(**container: Any) -> Json:
    made = template("shop:1", **container)
    made["spec"]["restartPolicy"] = "Never"
    return made


async def job(space: Space, name: str, of: Json | None = None, **spec: Any) -> Json:
    """A job whose pods run for ever, for no container of the hollow nodes ends by itself."""
    owner = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "controller": True}
    owners = [{**owner, "name": of["metadata"]["name"], "uid": of["metadata"]["uid"]}] if of else []
    wanted = {"template": pods(), **spec}
    return await space.make(BATCH, "jobs", name, wanted, ownerReferences=owners)


async def failed_job(space: Space, name: str, of: Json | None = None) -> Json:
    """The real controller gives it up after a second."""
    await job(space, name, of, activeDeadlineSeconds=1)
    return await until_ended(space, name)


async def done_job(space: Space, name: str, of: Json | None = None) -> Json:
    """One that wants nothing succeeds at once."""
    await job(space, name, of, completions=0)
    return await until_ended(space, name)


async def until_ended(space: Space, name: str) -> Json:
    path = f"/{BATCH}/namespaces/{space.name}/jobs/{name}"
    async with asyncio.timeout(WITHIN):
        while not (found := await space.admin.get(path)).get("status", {}).get("conditions"):
            await asyncio.sleep(0.3)
    return found


async def cronjob(space: Space, name: str, **spec: Any) -> Json:
    """One whose time does not come."""
    wanted = {"schedule": "0 0 29 2 *", "jobTemplate": {"spec": {"template": pods()}}, **spec}
    return await space.make(CRON, "cronjobs", name, wanted)


async def running(space: Space, cron: Json, *names: str) -> None:
    """Make jobs of it that run, and write them into its status as its controller does."""
    made = [await job(space, name, cron) for name in names]
    refs = [{"name": one["metadata"]["name"], "uid": one["metadata"]["uid"]} for one in made]
    path = f"/{CRON}/namespaces/{space.name}/cronjobs/{cron['metadata']['name']}/status"
    await space.admin.patch(path, {"status": {"active": refs}}, kind=MERGE_PLAIN)
