"""What is asked of a pod, for the states that no test can bring about on a real node."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.clients.kubernetes import pods

TOLD = "2026-11-21T15:00:00Z"


def pod(status: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": "api", "namespace": "shop", **metadata}, "status": status or {}}


def made_by(kind: str, name: str, **more: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "name": name, "uid": "u", "controller": True, **more}]


def test_what_a_kubelet_runs_by_itself_and_what_a_daemon_set_made_belong_to_the_node() -> None:
    mirror = pod(annotations={"kubernetes.io/config.mirror": "x"})
    daemon = pod(ownerReferences=made_by("DaemonSet", "agent"))
    other = pod(ownerReferences=made_by("StatefulSet", "db"))

    assert [pods.bound(one) for one in (mirror, daemon, other, pod())] == [True, True, False, False]


@pytest.mark.parametrize(
    ("references", "labels", "expected"),
    [
        (made_by("ReplicaSet", "api-5d4"), {"pod-template-hash": "5d4"}, ("deployment", "api")),
        (made_by("ReplicaSet", "api-5d4"), {}, ("replicaset", "api-5d4")),
        (made_by("StatefulSet", "db"), {}, ("statefulset", "db")),
    ],
)
def test_an_owner_is_named_as_people_know_it(
    references: list[dict[str, Any]], labels: dict[str, str], expected: tuple[str, str]
) -> None:
    found = pods.owner(pod(ownerReferences=references, labels=labels))

    assert found is not None
    assert (found.kind, found.name) == expected


def test_who_only_refers_to_a_pod_does_not_make_it_again() -> None:
    assert pods.owner(pod(ownerReferences=made_by("Backup", "x", controller=False))) is None


@pytest.mark.parametrize(("second", "late"), [(29, False), (30, False), (31, True)])
def test_a_pod_is_late_only_well_past_its_grace(second: int, *, late: bool) -> None:
    now = datetime(2026, 11, 21, 15, 0, second, tzinfo=UTC)

    assert pods.late(pod(deletionTimestamp=TOLD), now) is late
    assert pods.late(pod(), now) is False


def test_the_grace_is_what_the_deletion_said_then_what_the_pod_says_then_thirty_seconds() -> None:
    asked = pod(deletionGracePeriodSeconds=0) | {"spec": {"terminationGracePeriodSeconds": 60}}
    told = pod() | {"spec": {"terminationGracePeriodSeconds": 60}}

    assert [pods.grace(one) for one in (asked, told, pod())] == [0, 60, 30]


def test_reasons_are_those_of_containers_of_the_pod_and_of_the_scheduler() -> None:
    crashing = {
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"reason": "OOMKilled"}},
        "restartCount": 7,
    }
    status = {
        "containerStatuses": [crashing, {"state": {"waiting": {"reason": "ImagePullBackOff"}}}],
        "initContainerStatuses": [{"state": {"terminated": {"reason": "Completed"}}}],
    }
    waiting = {
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    }

    assert list(pods.reasons(pod(status))) == ["CrashLoopBackOff", "OOMKilled", "ImagePullBackOff"]
    assert pods.restarts(pod(status)) == 7
    assert list(pods.reasons(pod(waiting))) == ["Unschedulable"]
    assert list(pods.reasons(pod({"reason": "Evicted"}))) == ["Evicted"]
