"""
Revisions of a workload: which one was the last that truly differed.

A restart makes a revision too, with the same pods. `kubectl rollout undo` takes the one before the
newest, so after a restart it goes nowhere, and called twice it goes back to what was bad. Here a
restart does not count, and what Heal has left once is never returned to by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clients.kubernetes import selecting, writing
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import Kind, OnWorkload
from bot.core.errors import PermanentError

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
LEFT = "heal/left"
"""The annotation with the hashes of the pods that Heal rolled away from, newest last."""
REMEMBERED = 10
NEEDS = tuple(Right("apps", kept, ("list",)) for kept in ("replicasets", "controllerrevisions"))


@dataclass(frozen=True, slots=True)
class Revision:
    """One set of pods that a workload has had; `hash` names it, the number may move."""

    number: int
    hash: str
    template: Json
    made: str = ""
    """When the cluster made it: 2026-11-20T10:00:00Z."""

    @property
    def images(self) -> str:
        containers = self.template["spec"]["containers"]
        return ", ".join(str(one.get("image", "")) for one in containers)


async def of(cluster: Cluster, which: OnWorkload, found: Json) -> tuple[Revision, ...]:
    """Every revision that the cluster still keeps, newest first."""
    selector = selecting.query(found["spec"].get("selector") or {})
    deployed = which.kind is Kind.DEPLOYMENT
    kept, read = ("replicasets", _revision) if deployed else ("controllerrevisions", _recorded)
    root = f"/apis/apps/v1/namespaces/{which.namespace}/{kept}"
    sets = (await cluster.get(root, {"labelSelector": selector}))["items"]
    mine = (one for one in sets if _owned(one, found["metadata"]["uid"]))
    return tuple(sorted(map(read, mine), key=lambda one: one.number, reverse=True))


def current(found: Json, every: Sequence[Revision]) -> Revision:
    """Raises PermanentError while the controller has not made its pods yet."""
    wanted = _plain(found["spec"]["template"], keep_restart=True)
    for one in every:
        if _plain(one.template, keep_restart=True) == wanted:
            return one
    raise PermanentError(f"{selecting.name(found)} has no revision of its newest pods yet")


def before(found: Json, every: Sequence[Revision]) -> Revision | None:
    """
    The newest one whose pods differ from the present ones, and from all that were left before.

    What was restarted before it was left stands there twice, under two hashes: neither is good.
    """
    gone = frozenset(left(found))
    bad = [_plain(one.template) for one in every if one.hash in gone]
    bad.append(_plain(found["spec"]["template"]))
    return next((one for one in every if _plain(one.template) not in bad), None)


def since(found: Json, every: Sequence[Revision]) -> str:
    """When its present pods were rolled out first; a restart makes them no younger."""
    now = _plain(found["spec"]["template"])
    return min((one.made for one in every if _plain(one.template) == now), default="")


def left(found: Json) -> tuple[str, ...]:
    """The hashes that Heal rolled away from."""
    return tuple(filter(None, selecting.notes(found).get(LEFT, "").split(",")))


def leaving(found: Json, hash_: str) -> str:
    """The annotation once this one is left too."""
    return ",".join([*(one for one in left(found) if one != hash_), hash_][-REMEMBERED:])


def put(found: Json, to: Revision, notes: Mapping[str, str]) -> list[Json]:
    """A JSON patch: this revision's pods over exactly this version of the deployment."""
    template = copy.deepcopy(to.template)
    (template["metadata"].get("labels") or {}).pop(HASH, None)
    return [
        writing.lock(found),
        {"op": "replace", "path": "/spec/template", "value": template},
        *writing.noted(found, notes),
    ]


def _owned(one: Json, uid: str) -> bool:
    owners = one["metadata"].get("ownerReferences") or ()
    return any(owner.get("uid") == uid for owner in owners)


def _revision(one: Json) -> Revision:
    return Revision(
        number=int(selecting.notes(one).get(REVISION, "0")),
        hash=selecting.labels(one).get(HASH, ""),
        template=one["spec"]["template"],
        made=one["metadata"].get("creationTimestamp") or "",
    )


def _recorded(one: Json) -> Revision:
    """Of a stateful or a daemon set: the record holds the template as a patch that replaces it."""
    template = {
        key: part for key, part in one["data"]["spec"]["template"].items() if key != "$patch"
    }
    return Revision(
        number=int(one["revision"]),
        hash=selecting.name(one),
        template=template,
        made=str(one["metadata"].get("creationTimestamp", "")),
    )


def _plain(template: Json, *, keep_restart: bool = False) -> Any:
    """The pods themselves: without the hash and, unless kept, the date of a restart."""
    plain = copy.deepcopy(template)
    made = plain.get("metadata") or {}
    labels, notes = dict(made.get("labels") or {}), dict(made.get("annotations") or {})
    labels.pop(HASH, None)
    if not keep_restart:
        notes.pop("kubectl.kubernetes.io/restartedAt", None)
    return {"labels": labels, "annotations": notes, "spec": plain["spec"]}
