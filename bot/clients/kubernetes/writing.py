"""
Writing: how Heal changes an object, once, and only the one that was planned for.

Every write is Heal's own in managedFields, carries the step's name in an annotation, passes the
server's dry run first, and is refused by the server when the object changed since it was read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.clients.kubernetes import rollouts, selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.refusals import StaleError
from bot.clients.kubernetes.settings import OnWorkload
from bot.core import values
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.ports import Clock

MARK = "heal/step"
"""The annotation that says which step of which incident changed the object last."""
AT = "heal/generation"
"""The annotation that says which generation the object had after that."""
TRIES = 5
"""How often the object may change its status between our reading and our writing."""
LOOK_AGAIN = 1.0
"""Seconds between two looks at a rollout."""

Change = Callable[[Json, bool], Awaitable[object]]
"""Writes over the object that was read just now; True means a dry run."""


def state(found: Json) -> Facts:
    """
    What a plan stands on: the very object and its spec; a status may move.

    The first facts are for people, who read them when they have changed; `spec` covers the rest.
    """
    spec = found["spec"]
    containers = spec["template"]["spec"]["containers"]
    images = ", ".join(f"{one['name']}={one.get('image', '')}" for one in containers)
    return {
        "uid": found["metadata"]["uid"],
        "replicas": spec.get("replicas"),
        "images": images,
        "spec": values.digest(spec)[:12],
    }


def locked(found: Json, mark: str) -> Json:
    """The metadata of a patch of the spec: for this version only, and it says whose it is."""
    made = found["metadata"]
    notes = {MARK: mark, AT: str(int(made["generation"]) + 1)}
    return {"resourceVersion": made["resourceVersion"], "annotations": notes}


def marked(found: Json, mark: str) -> bool:
    return bool(mark) and selecting.notes(found).get(MARK) == mark


async def once(
    cluster: Cluster, which: OnWorkload, before: Facts, mark: str, change: Change
) -> bool:
    """
    Change the object, unless this very step did it already; True when it was changed now.

    A spec that moved since the plan is a PermanentError. A status that moved between reading and
    writing is no such change, so it is read and tried again.
    """
    for _ in range(TRIES):
        found = await cluster.get(which.path)
        if marked(found, mark):
            return False
        if not _as_planned(found, before) and not _ours(found, mark):
            raise PermanentError(
                f"{which.short} changed since it was planned for: {_moved(before, state(found))}"
            )
        try:
            await change(found, True)
            await change(found, False)
        except StaleError:
            continue
        return True
    raise PermanentError(f"{which.short} changes too fast to be written to; try again later")


async def landed(cluster: Cluster, which: OnWorkload, before: Facts, mark: str) -> bool | None:
    """Our own mark proves it, an unchanged spec disproves it; else nobody can tell."""
    found = await cluster.get(which.path)
    if marked(found, mark):
        return True
    return False if _as_planned(found, before) or _ours(found, mark) else None


def _as_planned(found: Json, before: Facts) -> bool:
    return all(before.get(key) == value for key, value in state(found).items())


def _moved(before: Facts, now: Facts) -> str:
    changed = [key for key in now if before.get(key) != now[key]]
    return ", ".join(f"{key} {before.get(key)} → {now[key]}" for key in changed)


def _ours(found: Json, mark: str) -> bool:
    """Whether an earlier step of this very incident was the last to change its spec."""
    notes = selecting.notes(found)
    same = notes.get(MARK, "").rpartition(":")[0] == mark.rpartition(":")[0] != ""
    return same and notes.get(AT) == str(found["metadata"]["generation"])


async def until_rolled_out(cluster: Cluster, which: OnWorkload, clock: Clock) -> str:
    """Wait until its pods are as its spec says: a line for people; PermanentError if they fail."""
    while True:
        reached = rollouts.of(which.kind, await cluster.get(which.path))
        if reached.failed:
            raise PermanentError(f"{which.short}: {reached.says}")
        if reached.done:
            return reached.says
        await clock.sleep(LOOK_AGAIN)
