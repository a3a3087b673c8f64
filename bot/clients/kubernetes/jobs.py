"""Jobs and cron jobs: whether one is over, makes progress, or is stuck, and why: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pydantic import JsonValue

from bot.clients.kubernetes import ages, selecting
from bot.clients.kubernetes.cluster import Json
from bot.core import durations, redaction
from bot.core.values import Facts

USUAL = frozenset({"", "Completed", "ContainerCreating", "PodInitializing"})


def ended(job: Json) -> tuple[str, str]:
    """Complete or Failed, with the reason; two empty texts while it is not over."""
    for one in (job.get("status") or {}).get("conditions") or ():
        if one.get("status") == "True" and one.get("type") in {"Complete", "Failed"}:
            return str(one["type"]), str(one.get("reason") or one["type"])
    return "", ""


def began(job: Json) -> str:
    status = job.get("status") or {}
    return str(status.get("startTime") or job["metadata"]["creationTimestamp"])


def controller(found: Json) -> tuple[str, str]:
    """Kind and name of what made it; two empty texts when nothing did."""
    for owner in found["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            return str(owner["kind"]), str(owner["name"])
    return "", ""


def reasons(pods: Iterable[Json]) -> list[JsonValue]:
    """Why pods failed or wait, each reason once."""
    return [*sorted({why for pod in pods for why in _reasons(pod)})]


def _reasons(pod: Json) -> Iterator[str]:
    status = pod.get("status") or {}
    yield from (str(status["reason"]),) if status.get("reason") else ()
    for one in (*(status.get("initContainerStatuses") or ()), *_containers(pod)):
        for state in (one.get("state") or {}, one.get("lastState") or {}):
            for told in (state.get("waiting") or {}, state.get("terminated") or {}):
                if told.get("reason", "") not in USUAL:
                    yield str(told["reason"])
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield str(condition.get("reason", "Unschedulable"))


def _containers(pod: Json) -> Iterable[Json]:
    return (pod.get("status") or {}).get("containerStatuses") or ()


def finished(pods: Iterable[Json]) -> str:
    """When a pod last did its work to the end; empty when none ever did."""
    return ages.newest(
        ((one.get("state") or {}).get("terminated") or {}).get("finishedAt")
        for pod in pods
        if (pod.get("status") or {}).get("phase") == "Succeeded"
        for one in _containers(pod)
    )


def unstuck(job: Json, pods: Iterable[Json], now: datetime, deadline: timedelta) -> str:
    """Why a job is not to be taken for stuck; empty when it has failed or hangs."""
    how, _ = ended(job)
    if job["metadata"].get("deletionTimestamp"):
        return "it is being deleted already"
    if how:
        return "" if how == "Failed" else "it has succeeded"
    if job["spec"].get("suspend"):
        return "it is suspended: nothing of it runs"
    runs = ages.since(began(job), now) or 0.0
    if runs < deadline.total_seconds():
        given = durations.in_words(deadline)
        return f"it began {_ago(runs)} ago and is given {given}"
    last = ages.since(finished(pods), now)
    if last is not None and last < deadline.total_seconds():
        return f"it makes progress: a pod of it succeeded {_ago(last)} ago"
    return ""


def stuck(job: Json) -> str:
    """How it is stuck, in words that do not change while it is."""
    how, why = ended(job)
    return f"it has failed: {why}" if how else f"it hangs since {began(job)}"


def manifest(job: Json) -> Facts:
    """
    What it was, for whoever makes it again: without its state, and without what looks secret.

    The values of variables stay out, for nobody can tell which of them are secret.
    """
    kept = {key: job["metadata"][key] for key in ("name", "labels") if job["metadata"].get(key)}
    return redaction.of_facts({"metadata": kept, "spec": _without_values(job["spec"])})


def _without_values(part: JsonValue) -> JsonValue:
    if isinstance(part, list):
        return [_without_values(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _blackened(value) if key == "env" else _without_values(value)
        for key, value in part.items()
    }


def _blackened(variables: JsonValue) -> JsonValue:
    listed = variables if isinstance(variables, list) else []
    named = [one for one in listed if isinstance(one, dict)]
    return [{**one, "value": redaction.BLACK} if "value" in one else one for one in named]


def active(cronjob: Json) -> list[str]:
    """The jobs of it that run now, by name."""
    running = (cronjob.get("status") or {}).get("active") or ()
    return sorted(str(one["name"]) for one in running)


def mine(jobs: Iterable[Json], cronjob: Json) -> list[Json]:
    """The jobs that it made, newest first."""
    uid = cronjob["metadata"]["uid"]
    made = (
        one
        for one in jobs
        if any(owner.get("uid") == uid for owner in one["metadata"].get("ownerReferences") or ())
    )
    return sorted(made, key=lambda one: (began(one), selecting.name(one)), reverse=True)


def failed_in_a_row(made: Iterable[Json]) -> int:
    """How many of these, newest first, have failed since one succeeded; what runs is passed by."""
    count = 0
    for how in filter(None, (ended(one)[0] for one in made)):
        if how != "Failed":
            break
        count += 1
    return count


def _ago(seconds: float) -> str:
    return durations.in_words(timedelta(seconds=int(seconds)))
