"""Deploys: whether new pods are being rolled out, or were just now, and not merely broken: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.clients.kubernetes import ages, revisions, rollouts, selecting
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.settings import Kind
from bot.core import durations

DATE = "kubectl.kubernetes.io/restartedAt"
SETTLED = frozenset({"NewReplicaSetAvailable", "ProgressDeadlineExceeded"})
"""Reasons of a rollout that is over: it stands, or was given up. Pods that crash later stay so."""


class Deploy(NamedTuple):
    """One workload: whether it changes now, is paused, and when its pods last changed."""

    name: str
    rolling: str
    """Why it is on its way; empty when it is not."""
    paused: bool
    failed: bool
    changed: str
    """When its pods were last changed, as it is written; empty when that is not known."""

    def why(self, now: datetime, lately: timedelta) -> str:
        """Why somebody is at work on it; empty when nobody is."""
        if self.rolling:
            return f"{self.name}: {self.rolling}"
        if self.paused:
            return f"{self.name} is paused"
        ago = ages.since(self.changed or None, now)
        if ago is not None and ago < lately.total_seconds():
            return f"{self.name} changed {durations.in_words(timedelta(seconds=int(ago)))} ago"
        return ""


def of(kind: Kind, found: Json, made: Iterable[Json]) -> Deploy:
    """`made` are its sets of pods (ReplicaSets or ControllerRevisions), whosever they are."""
    uid, spec = found["metadata"]["uid"], found["spec"]
    mine = [
        one
        for one in made
        if uid in {owner.get("uid") for owner in one["metadata"].get("ownerReferences") or ()}
    ]
    newest = max(mine, key=_number, default=None)
    restarted = selecting.notes(spec["template"]).get(DATE) if spec.get("template") else None
    at = [newest["metadata"]["creationTimestamp"] if newest else None, restarted]
    progress = _progress(found)
    if progress.get("reason") == "NewReplicaSetAvailable":
        at.append(progress.get("lastUpdateTime"))
    return Deploy(
        name=f"{kind.value} {selecting.name(found)}",
        rolling=_rolling(kind, found),
        paused=bool(spec.get("paused")),
        failed=progress.get("reason") == "ProgressDeadlineExceeded",
        changed=ages.newest(at),
    )


def _rolling(kind: Kind, found: Json) -> str:
    status, spec = found.get("status") or {}, found["spec"]
    if int(found["metadata"].get("generation", 0)) > int(status.get("observedGeneration", 0)):
        return "a change is not observed yet"
    if kind is Kind.DEPLOYMENT:
        reason = _progress(found).get("reason")
        going = reason is not None and reason not in SETTLED and not spec.get("paused")
        return f"its rollout is on its way ({rollouts.of(kind, found).says})" if going else ""
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        return ""  # its pods are replaced by hand, whenever somebody likes
    wanted = int(status.get("desiredNumberScheduled") or 0)
    updated = int(status.get("updatedNumberScheduled") or 0)
    if kind is Kind.STATEFUL_SET:
        rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
        wanted = rollouts.desired(found) - int(rolling.get("partition") or 0)
        updated = int(status.get("updatedReplicas") or 0)
        if status.get("updateRevision") == status.get("currentRevision"):
            return ""
    return f"{updated} of {wanted} pods are new" if updated < wanted else ""


def _progress(found: Json) -> Json:
    """The condition that tells of its newest pods alone, whatever becomes of them later."""
    conditions = (found.get("status") or {}).get("conditions") or ()
    return next((dict(one) for one in conditions if one.get("type") == "Progressing"), {})


def _number(one: Json) -> int:
    """A ReplicaSet says it in an annotation, a ControllerRevision in a field."""
    return int(one.get("revision") or selecting.notes(one).get(revisions.REVISION, "0"))
