"""Restarting a workload as `kubectl rollout restart` does: by a date in its pod template."""

from __future__ import annotations

import copy
from datetime import datetime

from bot.clients.kubernetes import workloads, writing
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.settings import OnWorkload
from bot.clients.kubernetes.writing import Reads
from bot.core.values import Facts

DATE = "kubectl.kubernetes.io/restartedAt"


async def restart(
    cluster: Cluster,
    which: OnWorkload,
    before: Facts,
    mark: str,
    now: datetime,
    reads: Reads = writing.state,
) -> None:
    """Ask for new pods, unless this very step did already; see `writing.once`."""
    date = now.strftime("%Y-%m-%dT%H:%M:%SZ")

    async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
        workloads.refuse_unmoved(which, found)
        dated = {"template": {"metadata": {"annotations": {DATE: date}}}}
        body = {"metadata": writing.locked(found, mark), "spec": dated}
        await cluster.patch(which.path, body, dry=dry)

    await writing.once(cluster, which, before, mark, change, reads)


def but_for_restarts(found: Json) -> Facts:
    """What a plan stands on, when restarts in between are no change of it."""
    plain = copy.deepcopy(found)
    made = plain["spec"]["template"].get("metadata") or {}
    if (notes := made.get("annotations")) is not None:
        notes.pop(DATE, None)
        if not notes:
            del made["annotations"]
    return writing.state(plain)
