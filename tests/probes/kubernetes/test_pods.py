"""`kubernetes.pods` on a real control plane."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clock import Clock
from bot.core.errors import PermanentError
from bot.probes.kubernetes.pods import PLUGIN, Asked, Pods
from tests.clients import rigs
from tests.cluster.spaces import Space, template
from tests.cluster.wards import Ward


class Later(Clock):
    """The real clock, two minutes on."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=2)


@pytest.fixture
async def probe(kubernetes: KubernetesSettings) -> AsyncIterator[Pods]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, dataclasses.replace(rig, clock=Later()))


def asked(space: Space, **more: Any) -> Asked:
    return Asked.model_validate({"cluster": "local", "namespace": space.name, **more})


async def test_pods_of_a_workload_that_are_well(probe: Pods, space: Space) -> None:
    await space.deployment("api", 2)
    await space.standing("api")

    found = await probe.read(asked(space, workload="api"))

    age = found.pop("oldest_age")
    assert isinstance(age, float)
    assert 119 < age < 200
    assert str(found.pop("oldest")).endswith("Z")
    assert len(str(found.pop("nodes"))) > 2
    assert found == {
        "count": 2,
        "ready": 2,
        "pending": 0,
        "terminating": 0,
        "stuck": [],
        "restarts": 0,
        "reasons": [],
        "grace": 1.0,
    }


async def test_a_pod_that_no_node_takes_says_why(probe: Pods, space: Space) -> None:
    nowhere = template("shop:1")
    nowhere["spec"]["nodeSelector"] = {"nowhere": "at-all"}
    await space.deployment("api", 1, template=nowhere)
    await space.until("api", lambda one: one.get("status", {}).get("unavailableReplicas") == 1)
    await space.unschedulable("app=api")

    found = await probe.read(asked(space, selector="app=api"))

    assert (found["count"], found["ready"], found["pending"]) == (1, 0, 1)
    assert found["reasons"] == ["Unschedulable"]
    assert found["nodes"] == []


async def test_a_pod_that_hangs_is_named(probe: Pods, space: Space, ward: Ward) -> None:
    async with ward.dead_node() as node:
        await space.told_to_go("api", node)
        found = await probe.read(asked(space, pod="api"))

    assert (found["count"], found["terminating"], found["stuck"]) == (0, 1, ["api"])
    assert "oldest" not in found


async def test_no_pod_at_all_is_an_error_unless_that_is_the_question(
    probe: Pods, space: Space
) -> None:
    with pytest.raises(PermanentError, match=f"app=none has no pod in {space.name}, so nothing"):
        await probe.read(asked(space, selector="app=none"))
    with pytest.raises(PermanentError, match="api has no pod in"):
        await probe.read(asked(space, pod="api"))

    assert (await probe.read(asked(space, pod="api", may_be_none=True)))["count"] == 0


async def test_a_workload_that_wants_none_has_none(probe: Pods, space: Space) -> None:
    await space.deployment("api", 0)

    assert (await probe.read(asked(space, workload="api")))["count"] == 0


async def test_a_workload_that_is_not_there_is_an_error(probe: Pods, space: Space) -> None:
    with pytest.raises(PermanentError, match=f"deployments/api in {space.name}: there is none"):
        await probe.read(asked(space, workload="api", may_be_none=True))


@pytest.mark.parametrize("wrong", [{}, {"pod": "a", "workload": "a"}, {"selector": "a;b"}])
def test_exactly_one_way_of_naming_them_is_given(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Asked.model_validate({"namespace": "shop", **wrong})
