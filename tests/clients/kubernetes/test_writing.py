"""What a rollout is waited for, on answers as the API server gives them one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from bot.clients.kubernetes import rollouts, writing
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.core.errors import PermanentError
from tests.fakes import FakeClock

API = OnWorkload(namespace="shop", name="api")


class Quick(FakeClock):
    """Who sleeps is woken at once, and later."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


class Told(Cluster):
    """A cluster that answers every question with the next of these objects."""

    def __init__(self, *told: Json) -> None:
        super().__init__("told", KubernetesSettings())
        self._told: Iterable[Json] = iter(told)

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        return next(iter(self._told))


def api(observed: int, reason: str, at: str, pods: int = 1) -> Json:
    """Generation 3 with one new pod of `pods`."""
    progressing = {"type": "Progressing", "reason": reason, "lastUpdateTime": at, "message": reason}
    return {
        "metadata": {"generation": 3},
        "spec": {"replicas": 1},
        "status": {
            "observedGeneration": observed,
            "replicas": pods,
            "updatedReplicas": 1,
            "availableReplicas": 1,
            "conditions": [progressing],
        },
    }


FAILED = "ProgressDeadlineExceeded"
BEFORE = api(2, FAILED, "16:00:25", 2)
OBSERVED = api(3, FAILED, "16:00:25", 2)
"""As a real server told it: the way back is observed, the old failure still there."""


async def test_a_failure_that_stood_there_before_the_change_says_nothing_of_it() -> None:
    told = Told(BEFORE, OBSERVED, api(3, "NewReplicaSetAvailable", "16:00:31"))

    said = await writing.until_rolled_out(told, API, Quick(), rollouts.failed_at(BEFORE))

    assert said == "1 of 1 pods are new and available"


async def test_a_failure_of_the_change_itself_is_told() -> None:
    told = Told(BEFORE, OBSERVED, api(3, FAILED, "16:00:40", 2))

    with pytest.raises(PermanentError, match=FAILED):
        await writing.until_rolled_out(told, API, Quick(), rollouts.failed_at(BEFORE))


async def test_without_an_earlier_failure_every_failure_counts() -> None:
    with pytest.raises(PermanentError, match=FAILED):
        await writing.until_rolled_out(Told(OBSERVED), API, Quick())
