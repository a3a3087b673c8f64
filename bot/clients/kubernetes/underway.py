"""Underway: whether a workload gets new pods now, as its own status says: pure."""

from __future__ import annotations

from datetime import datetime

from bot.clients.kubernetes import argo, deploys, rollouts
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.settings import Kind
from bot.core.deployment import Deployment, Stage


def of_workload(kind: Kind, found: Json, what: str) -> tuple[Deployment, ...]:
    """At most one; `what` is how people call the workload."""
    known, since = deploys.of(kind, found, ()), _written(found)
    if says := known.rolling or ("its rollout is paused" if known.paused else ""):
        return (Deployment(what=what, stage=Stage.UNDERWAY, says=says, since=since),)
    if known.failed:
        says = rollouts.of(kind, found).says
        return (Deployment(what=what, stage=Stage.GIVEN_UP, says=says, since=since),)
    return ()


def of_rollout(found: Json, what: str) -> tuple[Deployment, ...]:
    """
    The same of an Argo Rollout.

    When its newest pods are the proven ones nothing is rolled out, however unwell these are.
    """
    status, state = argo.status(found), argo.of(found)
    proven = status.get("stableRS")
    if argo.observed(found) and proven and proven == status.get("currentPodHash"):
        return ()
    if state.done:
        return ()
    stage = Stage.GIVEN_UP if state.failed else Stage.UNDERWAY
    return (Deployment(what=what, stage=stage, says=state.says, since=_written(found)),)


def _written(found: Json) -> datetime | None:
    """When somebody last wrote its pods, by the server's own record of who wrote what."""
    at = [
        datetime.fromisoformat(one["time"])
        for one in found["metadata"].get("managedFields") or ()
        if one.get("time") and "f:template" in ((one.get("fieldsV1") or {}).get("f:spec") or {})
    ]
    return max(at, default=None)
