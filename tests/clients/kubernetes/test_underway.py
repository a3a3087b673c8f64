"""Whether a workload gets new pods now: what its status says, and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.clients.kubernetes import underway
from bot.clients.kubernetes.settings import Kind
from bot.core.deployment import Stage
from tests.clients.kubernetes import kubeconfigs

WHAT = "deployment api in shop (prod)"


def deployment(reason: str, **more: Any) -> dict[str, Any]:
    found = kubeconfigs.deployment("u", **more)
    found["status"]["conditions"] = [
        {"type": "Progressing", "reason": reason, "message": "it has timed out"}
    ]
    return found


def written(at: str, part: str) -> dict[str, Any]:
    return {"manager": "ci", "time": at, "fieldsV1": {"f:spec": {part: {}}}}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("NewReplicaSetAvailable", []),
        ("ReplicaSetUpdated", [Stage.UNDERWAY]),
        ("ProgressDeadlineExceeded", [Stage.GIVEN_UP]),
    ],
)
def test_a_deployment_rolls_until_it_stands_or_is_given_up(
    reason: str, expected: list[Stage]
) -> None:
    found = underway.of_workload(Kind.DEPLOYMENT, deployment(reason), WHAT)

    assert [one.stage for one in found] == expected


def test_a_paused_rollout_is_somebody_at_work() -> None:
    (found,) = underway.of_workload(
        Kind.DEPLOYMENT, deployment("DeploymentPaused", paused=True), WHAT
    )

    assert (found.stage, found.says) == (Stage.UNDERWAY, "its rollout is paused")


def test_it_is_since_its_pods_were_written_last_and_not_since_it_was_scaled() -> None:
    found = deployment("ReplicaSetUpdated")
    found["metadata"]["managedFields"] = [
        written("2026-11-21T15:00:00Z", "f:template"),
        written("2026-11-21T15:04:00Z", "f:template"),
        written("2026-11-21T15:09:00Z", "f:replicas"),
    ]

    (one,) = underway.of_workload(Kind.DEPLOYMENT, found, WHAT)

    assert one.since == datetime(2026, 11, 21, 15, 4, tzinfo=UTC)


@pytest.mark.parametrize(("type_", "expected"), [("RollingUpdate", 1), ("OnDelete", 0)])
def test_pods_that_are_replaced_by_hand_are_no_rollout(type_: str, expected: int) -> None:
    found = kubeconfigs.deployment("u", updateStrategy={"type": type_})
    found["status"] |= {"updateRevision": "b", "currentRevision": "a", "updatedReplicas": 0}

    assert len(underway.of_workload(Kind.STATEFUL_SET, found, WHAT)) == expected


def rollout(phase: str, new: str, proven: str) -> dict[str, Any]:
    status = {"observedGeneration": "1", "phase": phase, "currentPodHash": new, "message": "step 1"}
    return {
        "metadata": {"name": "api", "generation": 1},
        "spec": {"replicas": 1},
        "status": {**status, "stableRS": proven},
    }


@pytest.mark.parametrize(
    ("phase", "new", "expected"),
    [
        ("Progressing", "b", [Stage.UNDERWAY]),
        ("Paused", "b", [Stage.UNDERWAY]),
        ("Degraded", "b", [Stage.GIVEN_UP]),
        ("Healthy", "a", []),
        ("Progressing", "a", []),
    ],
)
def test_an_argo_rollout_is_one_while_its_new_pods_are_not_the_proven_ones(
    phase: str, new: str, expected: list[Stage]
) -> None:
    found = underway.of_rollout(rollout(phase, new, "a"), "rollout api in shop (prod)")

    assert [one.stage for one in found] == expected


def test_a_rollout_whose_change_is_not_observed_is_one() -> None:
    found = rollout("Healthy", "a", "a")
    found["metadata"]["generation"] = 2

    (one,) = underway.of_rollout(found, "rollout api in shop (prod)")

    assert (one.stage, one.says) == (Stage.UNDERWAY, "the change is not observed yet")
