"""`kubernetes.endpoints` on a real control plane, which has slices in discovery.k8s.io/v1beta1."""

from __future__ import annotations

import asyncio

import pytest

from bot.clients.kubernetes.named import OnEndpoints
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.probes.kubernetes.endpoints import PLUGIN, Address, of_endpoints, of_slices, once
from tests.clients import rigs
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import WITHIN, Space, template

SHUT = {"httpGet": {"host": "127.0.0.1", "port": 1, "path": "/"}, "periodSeconds": 1}


async def read(kubernetes: KubernetesSettings, space: Space) -> Facts:
    async with rigs.rig() as rig:
        named = OnEndpoints(cluster=CONTEXT, namespace=space.name, name="api")
        return await PLUGIN(kubernetes, rig).read(named)


def _stands(found: Facts, ready: int) -> bool:
    return (found["ready"], found["not_ready"]) == (ready, 1 - ready)


@pytest.mark.parametrize(("probe", "ready"), [({}, 1), ({"readinessProbe": SHUT}, 0)])
async def test_a_pod_behind_a_service_is_counted_by_its_readiness(
    kubernetes: KubernetesSettings, space: Space, probe: dict[str, object], ready: int
) -> None:
    """One pod, for all pods of the hollow nodes have the same address."""
    await space.service("api")
    await space.deployment("api", 1, template=template("shop:1", **probe))
    async with asyncio.timeout(WITHIN):
        while not _stands(found := await read(kubernetes, space), ready):
            await asyncio.sleep(0.3)

    pods = await space.pods()
    assert found == {
        "ready": ready,
        "not_ready": 1 - ready,
        "waiting": [] if ready else pods,
        "selects": True,
    }


async def test_a_service_without_pods_has_nobody_to_send_to(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.service("api")

    found = await read(kubernetes, space)

    assert found == {"ready": 0, "not_ready": 0, "waiting": [], "selects": True}


async def test_a_service_that_is_not_there_is_no_empty_one(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    with pytest.raises(PermanentError, match=f"services/api in {space.name}: there is none"):
        await read(kubernetes, space)


def test_the_older_kind_is_read_as_well() -> None:
    """In the shape of core/v1, for servers without slices."""
    pod = {"kind": "Pod", "name": "api-1"}
    subsets = [
        {
            "addresses": [{"ip": "10.0.0.1", "targetRef": pod}],
            "notReadyAddresses": [{"ip": "10.0.0.2"}],
        }
    ]

    assert [*of_endpoints({"subsets": subsets})] == [
        Address("api-1", ready=True),
        Address("10.0.0.2", ready=False),
    ]
    assert [*of_endpoints({})] == []


def test_a_pod_with_two_addresses_is_one_and_readiness_unsaid_is_ready() -> None:
    """In the shape of discovery.k8s.io/v1, with one slice a family of addresses."""
    slices = [
        {"endpoints": [{"addresses": [ip], "conditions": {}, "targetRef": {"name": "api-1"}}]}
        for ip in ("10.0.0.1", "fd00::1")
    ]

    assert once(of_slices(slices)) == (Address("api-1", ready=True),)
