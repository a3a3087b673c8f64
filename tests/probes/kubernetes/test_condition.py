"""`kubernetes.condition` on a real control plane, over objects of many kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.probes.kubernetes.condition import PLUGIN, Asked, Holds
from tests.clients import rigs
from tests.cluster import istio, objects
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space


@pytest.fixture
async def probe(kubernetes: KubernetesSettings) -> AsyncIterator[Holds]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


async def read(probe: Holds, **said: object) -> Facts:
    return await probe.read(Asked.model_validate({"cluster": CONTEXT, **said}))


def api(space: Space, holds: str, value: str = "") -> dict[str, object]:
    where = {"group": "apps", "kind": "Deployment", "name": "api", "namespace": space.name}
    return {**where, "holds": holds, "value": value}


async def test_a_condition_and_a_value_are_read_of_a_workload(probe: Holds, space: Space) -> None:
    await space.deployment("api", 2)
    await space.standing("api")
    available = "object.status.conditions.exists(c, c.type == 'Available' && c.status == 'True')"

    yes = await read(probe, **api(space, available, "object.status.readyReplicas"))
    no = await read(probe, **api(space, "object.spec.replicas > 2"))

    assert yes == {"holds": True, "value": 2}
    assert no == {"holds": False, "value": None}


async def test_kinds_of_others_are_found_by_asking_the_server(probe: Holds, space: Space) -> None:
    await istio.install(space.admin)
    await istio.virtual_service(space, "api", main=90, backup=10)
    where = {"group": istio.GROUP, "kind": "VirtualService", "name": "api"}
    weight = "object.spec.http[0].route[0].weight"

    found = await read(probe, **where, namespace=space.name, holds=f"{weight} == 90", value=weight)

    assert found == {"holds": True, "value": 90}


async def test_what_cannot_be_told_is_an_error_and_no_no(probe: Holds, space: Space) -> None:
    await space.deployment("api", 1)
    map_ = {"kind": "ConfigMap", "name": "api", "namespace": space.name, "holds": "true"}
    await objects.config_map(space, "api", text="x" * 3000)

    for said, why in (
        (api(space, "object.status.nothing == 1"), "deployment api in .*there is no 'nothing'"),
        (api(space, "object.spec.replicas"), "not true or false"),
        ({**api(space, "true"), "name": "web"}, "deployments/web in .*: there is none"),
        ({**api(space, "true"), "kind": "Deploymint"}, "kind 'Deploymint' is unknown"),
        ({**api(space, "true"), "group": "example.org"}, "has no group example.org"),
        ({**api(space, "true"), "namespace": None}, "is in a namespace: say which"),
        ({**map_, "kind": "Node", "namespace": space.name}, "is in no namespace"),
        ({**map_, "value": "object.data"}, "longer than 2000 characters"),
    ):
        with pytest.raises(PermanentError, match=why):
            await read(probe, **said)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "Secret"}, {"holds": "1 + 1"}, {"holds": "pod.x == 1"}, {"value": "object."}],
)
def test_a_secret_and_what_is_no_condition_are_mistakes(wrong: dict[str, object]) -> None:
    said = {"kind": "Pod", "name": "api", "namespace": "shop", "holds": "true", **wrong}
    with pytest.raises(ValidationError):
        Asked.model_validate(said)
