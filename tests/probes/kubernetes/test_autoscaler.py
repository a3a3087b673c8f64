"""`kubernetes.autoscaler` on a real control plane; what it cannot show there is played."""

from __future__ import annotations

import asyncio
import json

from bot.clients.kubernetes import autoscalers
from bot.clients.kubernetes.cluster import MERGE_PLAIN
from bot.clients.kubernetes.named import OnAutoscaler
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.values import Facts
from bot.probes.kubernetes.autoscaler import PLUGIN
from tests.clients import rigs
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import WITHIN, Space


async def read(kubernetes: KubernetesSettings, space: Space) -> Facts:
    async with rigs.rig() as rig:
        named = OnAutoscaler(cluster=CONTEXT, namespace=space.name, name="api")
        return await PLUGIN(kubernetes, rig).read(named)


async def test_without_metrics_it_says_so(kubernetes: KubernetesSettings, space: Space) -> None:
    """The real controller, which has nobody to ask for metrics."""
    await space.deployment("api", 2)
    await space.autoscaler("api", 2, 8)
    async with asyncio.timeout(WITHIN):
        while not (found := await read(kubernetes, space))["reasons"]:
            await asyncio.sleep(0.5)

    assert (found["minimum"], found["maximum"], found["current"]) == (2, 8, 2)
    assert (found["able"], found["active"], found["at_max"]) == (True, False, False)
    assert found["reasons"] == ["FailedGetResourceMetric"]
    assert found["metrics"] == [{"name": "cpu", "target": 80, "current": None}]


async def test_all_that_it_may_is_told(kubernetes: KubernetesSettings, space: Space) -> None:
    """The test plays the controller: the real one leaves an autoscaler without a target alone."""
    await space.autoscaler("api", 2, 8)
    path = f"/apis/autoscaling/v2beta2/namespaces/{space.name}/horizontalpodautoscalers/api"
    seen = {"name": "cpu", "current": {"averageUtilization": 97, "averageValue": "970m"}}
    at = {"lastTransitionTime": "2026-11-21T10:00:00Z"}
    limited = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", **at}
    status = {
        "currentReplicas": 8,
        "desiredReplicas": 8,
        "conditions": [limited],
        "currentMetrics": [{"type": "Resource", "resource": seen}],
    }
    async with asyncio.timeout(WITHIN):
        while not (found := await read(kubernetes, space))["limited"]:
            await space.admin.patch(f"{path}/status", {"status": status}, kind=MERGE_PLAIN)

    assert (found["at_max"], found["limited"], found["reasons"]) == (
        True,
        True,
        ["TooManyReplicas"],
    )
    assert found["metrics"] == [{"name": "cpu", "target": 80, "current": 97}]


def test_a_version_two_metric_is_read_whatever_its_kind() -> None:
    """In the shape of autoscaling/v2, which a server of this version has not."""
    container = {"container": "api", "name": "memory"}
    spec = [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}},
        {"type": "External", "external": {"metric": {"name": "queue"}, "target": {"value": "30"}}},
        {
            "type": "ContainerResource",
            "containerResource": {**container, "target": {"averageValue": "1Gi"}},
        },
    ]
    current = [
        {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 97}}},
        {
            "type": "ContainerResource",
            "containerResource": {**container, "current": {"averageValue": "900Mi"}},
        },
    ]

    found = [
        *autoscalers.metrics({"spec": {"metrics": spec}, "status": {"currentMetrics": current}})
    ]

    assert found == [
        {"name": "cpu", "target": 80, "current": 97},
        {"name": "queue", "target": "30", "current": None},
        {"name": "api/memory", "target": "1Gi", "current": "900Mi"},
    ]


def test_version_one_keeps_the_rest_in_an_annotation() -> None:
    kept = json.dumps([{"type": "AbleToScale", "status": "True"}])
    one = {
        "metadata": {"annotations": {autoscalers.IN_V1: kept}},
        "spec": {"maxReplicas": 4, "targetCPUUtilizationPercentage": 70},
        "status": {"currentReplicas": 1, "currentCPUUtilizationPercentage": 20},
    }

    assert autoscalers.conditions(one) == [{"type": "AbleToScale", "status": "True"}]
    assert [*autoscalers.metrics(one)] == [{"name": "cpu", "target": 70, "current": 20}]
    assert autoscalers.limits(one) == (1, 4)
