"""
Writing: how Heal changes an object, once, and only the one that was planned for.

Every write is Heal's own in managedFields, carries the step's name in an annotation, passes the
server's dry run first, and is refused by the server when the object changed since it was read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from bot.clients.kubernetes import rollouts, selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.refusals import StaleError
from bot.clients.kubernetes.settings import OnWorkload
from bot.core import values
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.ports import Clock, headway

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
Reads = Callable[[Json], Facts]
"""What a plan for an object stands on."""


class Written(Protocol):
    """An object that is written to: where it is, and what people call it."""

    @property
    def path(self) -> str: ...
    @property
    def short(self) -> str: ...


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


def lock(found: Json) -> Json:
    """The operation of a JSON patch that fails when the object is no longer this version."""
    version = found["metadata"]["resourceVersion"]
    return {"op": "test", "path": "/metadata/resourceVersion", "value": version}


def noted(found: Json, notes: Mapping[str, str]) -> list[Json]:
    """The operations of a JSON patch that add annotations."""
    if "annotations" not in found["metadata"]:
        return [{"op": "add", "path": "/metadata/annotations", "value": dict(notes)}]
    return [
        {"op": "add", "path": f"/metadata/annotations/{key.replace('/', '~1')}", "value": value}
        for key, value in notes.items()
    ]


def version(found: Json) -> str:
    """Which state of its content it is: its generation, or a fingerprint where it has none."""
    made = found["metadata"].get("generation")
    return str(made) if made else content(found)


def content(found: Json) -> str:
    """A fingerprint of all that it says, whatever its status and metadata are."""
    told = {key: value for key, value in found.items() if key not in {"metadata", "status"}}
    return values.digest(told)[:12]


def marked(found: Json, mark: str) -> bool:
    return bool(mark) and selecting.notes(found).get(MARK) == mark


async def once(
    cluster: Cluster,
    which: Written,
    before: Facts,
    mark: str,
    change: Change,
    reads: Reads = state,
) -> bool:
    """
    Change the object, unless this very step did it already; True when it was changed now.

    A spec that moved since the plan is a PermanentError.
    """

    def check(found: Json) -> None:
        now = reads(found)
        if not as_planned(now, before) and not ours(found, mark):
            raise PermanentError(
                f"{which.short} changed since it was planned for: {_moved(before, now)}"
            )

    return await over(cluster, which, mark, change, check)


async def over(
    cluster: Cluster, which: Written, mark: str, change: Change, check: Callable[[Json], None]
) -> bool:
    """
    Write over what was just read and passed `check`; False when this very step did so already.

    A status that moved between reading and writing is no change, so it is read and tried again.
    """
    for _ in range(TRIES):
        found = await cluster.get(which.path)
        if marked(found, mark):
            return False
        check(found)
        try:
            await change(found, True)
            await change(found, False)
        except StaleError:
            continue
        return True
    raise PermanentError(f"{which.short} changes too fast to be written to; try again later")


async def landed(
    cluster: Cluster, which: Written, before: Facts, mark: str, reads: Reads = state
) -> bool | None:
    """Our own mark proves it, an unchanged spec disproves it; else nobody can tell."""
    found = await cluster.get(which.path)
    if marked(found, mark):
        return True
    return False if as_planned(reads(found), before) or ours(found, mark) else None


def as_planned(now: Facts, before: Facts) -> bool:
    return all(before.get(key) == value for key, value in now.items())


def _moved(before: Facts, now: Facts) -> str:
    changed = [key for key in now if before.get(key) != now[key]]
    return ", ".join(f"{key} {before.get(key)} → {now[key]}" for key in changed)


def ours(found: Json, mark: str) -> bool:
    """Whether a step of this very incident, or its way back, was the last to change the object."""
    incident = mark.partition(":")[0]
    last = selecting.notes(found).get(MARK, "").partition(":")[0]
    return bool(incident) and last == incident and untouched(found)


def untouched(found: Json) -> bool:
    """Whether nobody changed it since Heal did."""
    return selecting.notes(found).get(AT) == version(found)


async def until_rolled_out(
    cluster: Cluster, which: OnWorkload, clock: Clock, stale: str = ""
) -> str:
    """
    Wait until its pods are as its spec says: a line for people; PermanentError if they fail.

    `stale` is the date of a failure that stood there before the change, and says nothing of it:
    the controller leaves it there until the first pod of the new ones has come.
    """
    while True:
        found = await cluster.get(which.path)
        reached = rollouts.of(which.kind, found)
        if reached.failed and not (stale and rollouts.failed_at(found) == stale):
            raise PermanentError(f"{which.short}: {reached.says}")
        if reached.done:
            return reached.says
        headway.say(reached.says)
        await clock.sleep(LOOK_AGAIN)
