"""
Editing: values put at certain places of an object, and exactly the former ones put back.

What is to stand where is part of the plan's pre-state, beside what stood there: so what was
approved is what is written, and the way back needs nothing but the plan.
"""

from __future__ import annotations

from typing import cast

from bot.clients.kubernetes import pointers, writing
from bot.clients.kubernetes.cluster import JSON_PATCH, Cluster, Json
from bot.clients.kubernetes.pointers import Edits
from bot.clients.kubernetes.refusals import StaleError
from bot.clients.kubernetes.writing import AT, MARK, Reads, Written
from bot.core.errors import PermanentError
from bot.core.values import Facts


def pre_state(found: Json, edits: Edits, reads: Reads) -> Facts:
    """What a plan keeps: the object as it is, what stands where now, and what is to stand there."""
    return {
        **reads(found),
        "values": pointers.former(found, edits),
        "to": {pointer: list(held) for pointer, held in edits.items()},
    }


async def rehearse(cluster: Cluster, which: Written, found: Json, edits: Edits) -> None:
    """Let the server check the change before anybody is asked; it changes nothing."""
    _, operations = pointers.changed(found, edits)
    await cluster.patch(which.path, operations, kind=JSON_PATCH, dry=True)


async def apply(cluster: Cluster, which: Written, before: Facts, mark: str, reads: Reads) -> None:
    """Write what was planned, once; see `writing.once`."""
    edits = _edits(before, "to")
    after = ""

    async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
        nonlocal after
        if pointers.changed(found, edits)[1]:  # else an earlier step has gone as far already
            notes = {MARK: mark, AT: after}
            after = await _patch(cluster, which, found, edits, notes, dry=dry)

    await writing.once(cluster, which, before, mark, change, _seeing(before, reads))


async def landed(
    cluster: Cluster, which: Written, before: Facts, mark: str, reads: Reads
) -> bool | None:
    """Whether an earlier life wrote it; see `writing.landed`."""
    return await writing.landed(cluster, which, before, mark, _seeing(before, reads))


async def take_back(
    cluster: Cluster, which: Written, before: Facts, mark: str, reads: Reads
) -> tuple[Json, bool]:
    """
    Put the former values back, unless somebody else has changed the object meanwhile.

    Returns the object as it was found, and whether it was written to. PermanentError says that it
    was left alone.
    """
    former = _edits(before, "values")
    for _ in range(writing.TRIES):
        found = await cluster.get(which.path)
        back, operations = pointers.changed(found, former)
        if found["metadata"]["uid"] != before["uid"]:
            raise PermanentError(f"{which.short} was deleted and made anew meanwhile: left alone")
        if not operations:
            return found, False
        if not _may_go_back(found, back, before, mark, reads):
            raise PermanentError(f"{which.short} was changed by somebody else since: left alone")
        try:
            notes = {MARK: f"{mark}:undo", AT: ""}
            notes[AT] = await _patch(cluster, which, found, former, notes, dry=True)
            await _patch(cluster, which, found, former, notes, dry=False)
        except StaleError:
            continue
        return found, True
    raise PermanentError(f"{which.short} changes too fast to be written to; try again later")


def _may_go_back(found: Json, back: Json, before: Facts, mark: str, reads: Reads) -> bool:
    """Ours was the last change, or going back makes all of it as it was, replicas aside."""
    if writing.ours(found, mark):
        return True
    if writing.untouched(found) and not pointers.changed(found, _edits(before, "to"))[1]:
        return True
    spec = back.get("spec")
    if isinstance(spec, dict) and "replicas" in before and "replicas" in spec:
        back = {**back, "spec": {**spec, "replicas": before["replicas"]}}
    return writing.as_planned(_seeing(before, reads)(back), before)


async def _patch(
    cluster: Cluster,
    which: Written,
    found: Json,
    edits: Edits,
    notes: dict[str, str],
    *,
    dry: bool,
) -> str:
    """Returns which version it is afterwards: the dry run tells it to the real one."""
    made, operations = pointers.changed(found, edits)
    body = [writing.lock(found), *operations, *writing.noted(made, notes)]
    return writing.version(await cluster.patch(which.path, body, kind=JSON_PATCH, dry=dry))


def _seeing(before: Facts, reads: Reads) -> Reads:
    """The same, with what stands at the places that the plan is about."""

    def seeing(found: Json) -> Facts:
        return {**reads(found), "values": pointers.former(found, _edits(before, "values"))}

    return seeing


def _edits(before: Facts, name: str) -> Edits:
    return cast("Edits", before[name])
