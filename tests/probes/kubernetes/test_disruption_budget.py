"""`kubernetes.disruption_budget` on a real control plane."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from bot.probes.kubernetes.disruption_budget import PLUGIN, Asked, DisruptionBudget
from tests.clients import rigs
from tests.cluster.spaces import Space


@pytest.fixture
async def probe(kubernetes: KubernetesSettings) -> AsyncIterator[DisruptionBudget]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def api(space: Space) -> Asked:
    return Asked(cluster="local", namespace=space.name, name="api")


async def test_the_numbers_are_those_of_the_cluster(probe: DisruptionBudget, space: Space) -> None:
    await space.deployment("api", 3)
    await space.standing("api")
    await space.budget("api", 2)
    await space.counted("api")

    assert await probe.read(api(space)) == {
        "headroom": 1,
        "healthy": 3,
        "wanted": 2,
        "expected": 3,
        "says": "budget api lets 1 go (3 of 3 pods are healthy, 2 must stay)",
    }


async def test_a_budget_that_is_not_there_is_an_error(
    probe: DisruptionBudget, space: Space
) -> None:
    with pytest.raises(
        PermanentError, match=f"cluster local: there is no budget api in {space.name}"
    ):
        await probe.read(api(space))
