"""
Argo Rollouts: how a Rollout stands, which pods it had, and what changing it touches.

Its controller calls a set of pods by a hash of its own, and writes into the status which set is
the newest (`currentPodHash`) and which one is proven (`stableRS`). The template of a Rollout has no
defaults filled in, so sets of pods are compared with each other and never with that.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.clients.kubernetes import own, owners, pinned, revisions, rollouts, selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.named import OnRollout
from bot.clients.kubernetes.revisions import Revision
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.rollouts import Rollout
from bot.clients.kubernetes.settings import Kind
from bot.clients.kubernetes.writing import LOOK_AGAIN
from bot.core.blast_radius import BlastRadius, Target
from bot.core.deployment import Deployment
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.ports import Clock, headway

HASH = "rollouts-pod-template-hash"
REVISION = "rollout.argoproj.io/revision"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
NEEDS = (
    Right("argoproj.io", "rollouts", ("get", "patch")),
    Right("", "pods", ("list",)),
    Right("", "services", ("list",)),
)


def status(found: Json) -> Json:
    return dict(found.get("status") or {})


def observed(found: Json) -> bool:
    """Whether the status is about this very spec; the controller writes the number as text."""
    return str(status(found).get("observedGeneration")) == str(found["metadata"]["generation"])


def of(found: Json) -> Rollout:
    """Where it stands, by the phase that its controller gives it."""
    phase, says = str(status(found).get("phase", "")), str(status(found).get("message", ""))
    if not observed(found):
        return Rollout(done=False, failed=False, says="the change is not observed yet")
    if phase == "Healthy":
        wanted = rollouts.desired(found)
        # Old pods on their way out are counted as available too: nobody is to read "2 of 1".
        ready = min(int(status(found).get("availableReplicas") or 0), wanted)
        says = f"{ready} of {wanted} pods are new and available"
    return Rollout(done=phase == "Healthy", failed=phase == "Degraded", says=says or phase)


def paused(found: Json) -> bool:
    """Whether it waits for a person, at a step of its own strategy or because it was told to."""
    return observed(found) and status(found).get("phase") == "Paused"


def state(found: Json) -> Facts:
    """What a plan stands on: the pods by their hash, and all of the spec beside their template."""
    spec = {key: value for key, value in found["spec"].items() if key != "template"}
    return {
        "uid": found["metadata"]["uid"],
        "replicas": spec.get("replicas"),
        "pods": str(status(found).get("currentPodHash", "")),
        "spec": pinned.digest(spec),
    }


def guard(which: OnRollout, found: Json) -> None:
    """Refuse what cannot be read well enough to be changed."""
    if "template" not in found["spec"]:
        raise PermanentError(
            f"{which.short} takes its pods from another object (workloadRef): change that one"
        )
    if not observed(found):
        raise PermanentError(
            f"{which.short} has a change that is not observed yet: try again, or see whether Argo "
            "Rollouts runs"
        )


async def every(cluster: Cluster, which: OnRollout, found: Json) -> tuple[Revision, ...]:
    """Every set of pods that is still kept, newest first."""
    root = f"/apis/apps/v1/namespaces/{which.namespace}/replicasets"
    selector = selecting.query(found["spec"].get("selector") or {})
    uid = found["metadata"]["uid"]
    sets = await cluster.every(root, {"labelSelector": selector})
    mine = (
        Revision(
            number=int(selecting.notes(one).get(REVISION, "0")),
            hash=selecting.labels(one).get(HASH, ""),
            template=one["spec"]["template"],
        )
        for one in sets
        if any(owner.get("uid") == uid for owner in one["metadata"].get("ownerReferences") or ())
    )
    return tuple(sorted(mine, key=lambda one: one.number, reverse=True))


def kept(which: OnRollout, all_: Sequence[Revision], hash_: str) -> Revision:
    """The set of pods with this hash; PermanentError when it is not kept."""
    for one in all_:
        if one.hash == hash_:
            return one
    raise PermanentError(
        f"{which.short} does not keep its pods {hash_ or 'yet'} (revisionHistoryLimit)"
    )


def before(found: Json, all_: Sequence[Revision], now: Revision) -> Revision | None:
    """The newest one that truly differs from the present pods, and that was not left before."""
    gone, present = frozenset(revisions.left(found)), _plain(now)
    return next((one for one in all_ if _plain(one) != present and one.hash not in gone), None)


def put(found: Json, to: Revision, notes: dict[str, str]) -> list[Json]:
    """A JSON patch: these pods over exactly this version of the rollout."""
    version = found["metadata"]["resourceVersion"]
    noted = {**selecting.notes(found), **notes}
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": version},
        {"op": "replace", "path": "/spec/template", "value": _bare(to.template)},
        {"op": "add", "path": "/metadata/annotations", "value": noted},
    ]


async def radius(
    cluster: Cluster,
    which: OnRollout,
    found: Json,
    notes: Iterable[str],
    deploying: tuple[Deployment, ...] = (),
) -> BlastRadius:
    """All pods may be replaced; how many are away at once, its strategy says."""
    space = f"/api/v1/namespaces/{which.namespace}"
    selector = selecting.query(found["spec"].get("selector") or {})
    listed, services = await asyncio.gather(
        cluster.every(f"{space}/pods", {"labelSelector": selector}),
        cluster.every(f"{space}/services"),
    )
    pods = [pod for pod in listed if not selecting.leaving(pod)]
    await own.refuse_workload(cluster, which.short, found, pods)
    return BlastRadius(
        targets=(Target(key=which.key, name=f"{which.short} ({which.cluster})"),),
        unit="pod",
        touched=len(pods),
        down_at_once=_worst_loss(found, len(pods)),
        total=len(pods),
        notes=(*notes, *_behind(found, services), *_kept(found)),
        ready=sum(map(selecting.ready, pods)),
        deploying=deploying,
    )


def _worst_loss(found: Json, pods: int) -> int:
    """A canary replaces pods as a deployment does; blue and green stand side by side."""
    canary = (found["spec"].get("strategy") or {}).get("canary")
    if canary is None:
        return 0
    limits = {key: canary[key] for key in ("maxUnavailable", "maxSurge") if key in canary}
    alike: dict[str, Any] = {"spec": {"strategy": {"rollingUpdate": limits}}}
    return rollouts.worst_loss(Kind.DEPLOYMENT, alike, pods)


def _behind(found: Json, services: Iterable[Json]) -> Iterator[str]:
    """The services that select its pods, whichever set of them the controller has them select."""
    labels = (found["spec"]["template"].get("metadata") or {}).get("labels") or {}
    names = []
    for one in services:
        chosen = {**(one["spec"].get("selector") or {})}
        chosen.pop(HASH, None)
        if chosen and selecting.matches({"matchLabels": chosen}, labels):
            names.append(selecting.name(one))
    if names:
        yield f"behind service {', '.join(sorted(names))}"


def _kept(found: Json) -> Iterator[str]:
    if keepers := owners.of(found, "template"):
        yield f"kept by {' and '.join(keepers)}, which may put a change back"


async def until_settled(cluster: Cluster, which: OnRollout, clock: Clock) -> str:
    """Wait until its pods are as its spec says, or wait for a person; fails as it does."""
    while True:
        found = await cluster.get(which.path)
        reached = of(found)
        if reached.failed:
            raise PermanentError(f"{which.short}: {reached.says}")
        if reached.done:
            return reached.says
        if paused(found):
            return f"it waits at a pause of its own strategy ({reached.says})"
        headway.say(reached.says)
        await clock.sleep(LOOK_AGAIN)


def _bare(template: Json) -> Json:
    """The template as a rollout has it: the hash is the controller's."""
    bare = copy.deepcopy(template)
    made = bare.get("metadata") or {}
    made.pop("creationTimestamp", None)
    (made.get("labels") or {}).pop(HASH, None)
    return bare


def _plain(one: Revision) -> Json:
    """The pods themselves: without the date of a restart."""
    plain = _bare(one.template)
    made = plain.get("metadata") or {}
    (made.get("annotations") or {}).pop(RESTARTED, None)
    return {**plain, "metadata": {key: value for key, value in made.items() if value}}
