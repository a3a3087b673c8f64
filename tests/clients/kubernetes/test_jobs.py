"""Whether a job is stuck: played, for pods of the hollow nodes neither succeed nor fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clients.kubernetes import jobs

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_job(began: str = "2026-11-21T10:00:00Z", *ended: str, **spec: Any) -> dict[str, Any]:
    conditions = [{"type": one, "status": "True", "reason": "Why"} for one in ended]
    status = {"startTime": began, "conditions": conditions}
    return {"metadata": {"name": "report"}, "spec": spec, "status": status}


def a_pod(phase: str, finished: str = "", **status: Any) -> dict[str, Any]:
    state = {"terminated": {"finishedAt": finished, "reason": "Completed"}} if finished else {}
    return {"status": {"phase": phase, "containerStatuses": [{"state": state}], **status}}


@pytest.mark.parametrize(
    ("job", "pods", "why"),
    [
        (a_job(), [], ""),
        (a_job(), [a_pod("Succeeded", "2026-11-21T10:30:00Z")], ""),
        (a_job(), [a_pod("Failed", "2026-11-21T11:59:00Z")], ""),
        (
            a_job(),
            [a_pod("Succeeded", "2026-11-21T11:57:00Z")],
            "it makes progress: a pod of it succeeded 3 min ago",
        ),
        (a_job("2026-11-21T11:30:00Z"), [], "it began 30 min ago and is given 1 h"),
        (a_job("2026-11-21T11:30:00Z", "Failed"), [], ""),
        (a_job("2026-11-21T10:00:00Z", "Complete"), [], "it has succeeded"),
        (a_job(suspend=True), [], "it is suspended: nothing of it runs"),
    ],
)
def test_it_is_stuck_when_it_failed_or_nothing_of_it_succeeded_for_long(
    job: dict[str, Any], pods: list[dict[str, Any]], why: str
) -> None:
    assert jobs.unstuck(job, pods, NOW, HOUR) == why


def test_one_that_is_being_deleted_is_not_deleted_again() -> None:
    going = a_job()
    going["metadata"]["deletionTimestamp"] = "2026-11-21T11:59:00Z"

    assert jobs.unstuck(going, [], NOW, HOUR) == "it is being deleted already"


def test_the_reasons_are_those_of_pods_containers_and_the_scheduler() -> None:
    waiting = [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]
    unscheduled = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    found = jobs.reasons(
        [
            a_pod("Failed", reason="Evicted"),
            a_pod("Pending", containerStatuses=waiting, conditions=unscheduled),
            a_pod("Succeeded", "2026-11-21T11:57:00Z"),
        ]
    )

    assert found == ["Evicted", "ImagePullBackOff", "Unschedulable"]


def test_failures_in_a_row_end_at_a_success_and_pass_by_what_runs() -> None:
    failed, done, running = a_job("", "Failed"), a_job("", "Complete"), a_job()

    assert jobs.failed_in_a_row([running, failed, failed, done, failed]) == 2
    assert jobs.failed_in_a_row([done, failed]) == 0
