"""How far a rollout is, asked in kubectl's own order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.clients.kubernetes import rollouts
from bot.clients.kubernetes.settings import Kind


def workload(spec: Mapping[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"generation": 3},
        "spec": {"replicas": 3, **(spec or {})},
        "status": {"observedGeneration": 3, **status},
    }


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"observedGeneration": 2, "updatedReplicas": 3}, "the change is not observed yet"),
        ({"updatedReplicas": 1, "replicas": 4, "availableReplicas": 4}, "1 of 3 pods are new"),
        ({"updatedReplicas": 3, "replicas": 4, "availableReplicas": 4}, "1 pods are going"),
        (
            {"updatedReplicas": 3, "replicas": 3, "availableReplicas": 2},
            "2 of 3 new pods are available",
        ),
        ({"updatedReplicas": 5, "replicas": 5, "availableReplicas": 5}, "2 pods are going"),
        ({}, "0 of 3 pods are new"),
    ],
)
def test_a_deployment_on_its_way_says_how_far_it_is(status: dict[str, Any], says: str) -> None:
    actual = rollouts.of(Kind.DEPLOYMENT, workload(**status))

    assert actual == (False, False, says)


def test_a_deployment_is_done_when_all_are_new_and_available() -> None:
    found = workload(updatedReplicas=3, replicas=3, availableReplicas=3)

    assert rollouts.of(Kind.DEPLOYMENT, found).done


def test_a_deployment_past_its_deadline_has_failed_whatever_its_numbers_are() -> None:
    late = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "too late"}
    found = workload(updatedReplicas=3, replicas=3, availableReplicas=3, conditions=[late])

    assert rollouts.of(Kind.DEPLOYMENT, found) == (False, True, "too late")


@pytest.mark.parametrize(
    ("spec", "status", "done"),
    [
        ({}, {"readyReplicas": 2, "updateRevision": "b", "currentRevision": "b"}, False),
        ({}, {"readyReplicas": 3, "updateRevision": "b", "currentRevision": "a"}, False),
        ({}, {"readyReplicas": 3, "updateRevision": "b", "currentRevision": "b"}, True),
        (
            {"updateStrategy": {"rollingUpdate": {"partition": 2}}},
            {"readyReplicas": 3, "updatedReplicas": 0, "updateRevision": "b"},
            False,
        ),
        (
            {"updateStrategy": {"rollingUpdate": {"partition": 2}}},
            {"readyReplicas": 3, "updatedReplicas": 1, "updateRevision": "b"},
            True,
        ),
        ({"updateStrategy": {"type": "OnDelete"}}, {"readyReplicas": 3}, False),
    ],
)
def test_a_stateful_set_counts_what_its_partition_lets_through(
    spec: dict[str, Any], status: dict[str, Any], *, done: bool
) -> None:
    assert rollouts.of(Kind.STATEFUL_SET, workload(spec, **status)).done is done


@pytest.mark.parametrize(
    ("updated", "available", "done"), [(4, 5, False), (5, 4, False), (5, 5, True)]
)
def test_a_daemon_set_counts_nodes(updated: int, available: int, *, done: bool) -> None:
    found = workload(
        desiredNumberScheduled=5, updatedNumberScheduled=updated, numberAvailable=available
    )

    assert rollouts.of(Kind.DAEMON_SET, found).done is done


@pytest.mark.parametrize(
    ("rolling", "pods", "away"),
    [
        ({}, 3, 0),  # 25 % of 3 rounds down
        ({}, 4, 1),
        ({"maxUnavailable": "50%"}, 3, 1),
        ({"maxUnavailable": 0, "maxSurge": 0}, 3, 1),  # the controller then takes one
        ({"maxUnavailable": 0, "maxSurge": 1}, 3, 0),
        ({"maxUnavailable": 9}, 3, 3),
        ({"maxUnavailable": "100%"}, 3, 3),
    ],
)
def test_what_may_be_missing_rounds_down(rolling: dict[str, Any], pods: int, away: int) -> None:
    found = workload({"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}})

    assert rollouts.worst_loss(Kind.DEPLOYMENT, found, pods) == away


def test_recreate_takes_all_of_them_at_once() -> None:
    found = workload({"strategy": {"type": "Recreate"}})

    assert rollouts.worst_loss(Kind.DEPLOYMENT, found, 5) == 5


def test_a_daemon_set_loses_as_many_as_it_may_and_a_stateful_set_one() -> None:
    found = workload({"updateStrategy": {"rollingUpdate": {"maxUnavailable": "30%"}}})

    assert rollouts.worst_loss(Kind.DAEMON_SET, found, 4) == 2
    assert rollouts.worst_loss(Kind.STATEFUL_SET, found, 4) == 1
