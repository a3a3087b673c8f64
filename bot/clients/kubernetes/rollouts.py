"""How far a rollout is: pure, over the objects as the API server gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.clients.kubernetes.settings import Kind

Object = Mapping[str, Any]


class Rollout(NamedTuple):
    """Where it stands; neither done nor failed means that it is on its way."""

    done: bool
    failed: bool
    says: str


def of(kind: Kind, found: Object) -> Rollout:
    """
    Say where the rollout of a workload stands, asking in kubectl's own order.

    A status that is older than the spec says nothing yet, whatever its numbers are.
    """
    status = found.get("status") or {}
    if int(found["metadata"].get("generation", 0)) > int(status.get("observedGeneration", 0)):
        return Rollout(done=False, failed=False, says="the change is not observed yet")
    match kind:
        case Kind.DEPLOYMENT:
            return _deployment(found, status)
        case Kind.STATEFUL_SET:
            return _stateful_set(found, status)
        case Kind.DAEMON_SET:
            return _daemon_set(found, status)


def failed_at(found: Object) -> str:
    """When its rollout was given up, as the controller wrote it; empty when it was not."""
    failure = _failure(found.get("status") or {})
    return str(failure.get("lastUpdateTime", "")) if failure else ""


def _failure(status: Object) -> Object | None:
    given_up = (
        one
        for one in status.get("conditions") or ()
        if one.get("reason") == "ProgressDeadlineExceeded"
    )
    return next(given_up, None)


def _deployment(found: Object, status: Object) -> Rollout:
    if (failure := _failure(status)) is not None:
        return Rollout(done=False, failed=True, says=str(failure.get("message", "")))
    wanted = desired(found)
    updated, there = int(status.get("updatedReplicas", 0)), int(status.get("replicas", 0))
    available = int(status.get("availableReplicas", 0))
    if updated < wanted:
        return _going(f"{updated} of {wanted} pods are new")
    if there > min(updated, wanted):
        return _going(f"{there - min(updated, wanted)} pods are going")
    if available < updated:
        return _going(f"{available} of {updated} new pods are available")
    return _done(f"{available} of {wanted} pods are new and available")


def _stateful_set(found: Object, status: Object) -> Rollout:
    strategy = found["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return _going("its pods are replaced by hand (OnDelete), so nothing tells")
    wanted, ready = desired(found), int(status.get("readyReplicas", 0))
    if ready < wanted:
        return _going(f"{ready} of {wanted} pods are ready")
    partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    updated = int(status.get("updatedReplicas", 0))
    if partition:
        if updated < wanted - partition:
            return _going(f"{updated} of {wanted - partition} pods are new")
    elif status.get("updateRevision") != status.get("currentRevision"):
        return _going(f"{updated} of {wanted} pods are new")
    return _done(f"{ready} of {wanted} pods are ready")


def _daemon_set(found: Object, status: Object) -> Rollout:
    if (found["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        return _going("its pods are replaced by hand (OnDelete), so nothing tells")
    wanted = int(status.get("desiredNumberScheduled", 0))
    updated = int(status.get("updatedNumberScheduled", 0))
    available = int(status.get("numberAvailable", 0))
    if updated < wanted:
        return _going(f"{updated} of {wanted} pods are new")
    if available < wanted:
        return _going(f"{available} of {wanted} pods are available")
    return _done(f"{available} of {wanted} pods are new and available")


def desired(found: Object) -> int:
    """How many pods it should have; an unset number means one."""
    replicas = found["spec"].get("replicas")
    return 1 if replicas is None else int(replicas)


def worst_loss(kind: Kind, found: Object, pods: int) -> int:
    """
    How many pods may be away at once while it is rolled out.

    Of a share, what may be missing rounds down and what may be extra rounds up, as the
    controllers do; when both come to nothing, one pod goes.
    """
    strategy = found["spec"].get("strategy" if kind is Kind.DEPLOYMENT else "updateStrategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    match kind:
        case Kind.STATEFUL_SET:
            return min(1, pods)
        case Kind.DAEMON_SET:
            return min(max(_share(rolling.get("maxUnavailable", 1), pods, math.ceil), 1), pods)
    if strategy.get("type") == "Recreate":
        return pods
    missing = _share(rolling.get("maxUnavailable", "25%"), pods, math.floor)
    extra = _share(rolling.get("maxSurge", "25%"), pods, math.ceil)
    return min(missing if missing or extra else 1, pods)


def _share(value: object, of_: int, rounded: Any) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return int(rounded(int(value.removesuffix("%")) * of_ / 100))
    return int(str(value))


def _going(says: str) -> Rollout:
    return Rollout(done=False, failed=False, says=says)


def _done(says: str) -> Rollout:
    return Rollout(done=True, failed=False, says=says)
