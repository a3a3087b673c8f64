"""`kubernetes.events` on a real control plane, whose controllers write them."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.values import Facts
from bot.probes.kubernetes.events import LONGEST, PLUGIN
from tests.clients import rigs
from tests.cluster.spaces import Space

POD = {"kind": "Pod", "name": "api-1"}


async def read(settings: KubernetesSettings, space: Space, **more: Any) -> Facts:
    async with rigs.rig() as rig:
        probe = PLUGIN(settings, rig)
        given = {"namespace": space.name, "name": "api", **more}
        return await probe.read(probe.params.model_validate(given))


async def happened(space: Space, name: str, said: str, **more: Any) -> None:
    of = {**POD, "namespace": space.name}
    made = {
        "metadata": {"name": name},
        "involvedObject": of,
        "type": "Warning",
        "reason": "BackOff",
        "message": said,
        "lastTimestamp": "2026-11-21T03:00:00Z",
        **more,
    }
    await space.admin.post(f"/api/v1/namespaces/{space.name}/events", made)


async def test_what_the_controllers_say_of_a_deployment_and_its_pods_is_told(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 2)
    await space.standing("api")

    async with asyncio.timeout(180):
        while "pod Scheduled" not in str((seen := await read(kubernetes, space))["events"]):
            await asyncio.sleep(0.2)

    assert "normal deployment ScalingReplicaSet: Scaled up replica set api-" in str(seen["events"])
    assert "normal replicaset SuccessfulCreate: Created pod: api-" in str(seen["events"])
    assert (seen["warnings"], seen["reasons"]) == (0, [])


async def test_what_is_repeated_is_counted_and_the_newest_is_told_first(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await happened(space, "e1", "restarting failed container", count=7)
    await happened(space, "e2", "restarting failed container", count=5)
    newer = {"reason": "Unhealthy", "lastTimestamp": "2026-11-21T03:01:00Z"}
    await happened(space, "e3", "probe failed", **newer)

    seen = await read(kubernetes, space, kind="pod", name="api-1")

    assert str(seen["events"]).splitlines() == [
        "03:01:00 warning pod Unhealthy: probe failed",
        "03:00:00 warning pod BackOff: restarting failed container (12 times)",
    ]
    assert (seen["warnings"], seen["reasons"]) == (13, ["BackOff", "Unhealthy"])


async def test_only_the_newest_are_told_and_the_rest_is_counted(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    for number in range(4):
        await happened(space, f"e{number}", f"number {number}")

    seen = await read(kubernetes, space, kind="pod", name="api-1", newest=3)

    assert len(str(seen["events"]).splitlines()) == 3
    assert seen["left_out"] == 1


async def test_a_message_is_one_line_without_secrets_and_not_endless(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    end = "x" * (LONGEST - 10)
    await happened(space, "e1", f"a\nb\u202e password=hunter22hunter22 {end}")

    seen = str((await read(kubernetes, space, kind="pod", name="api-1"))["events"])

    assert "a b⟨U+202E⟩ password=••• xxx" in seen
    assert "hunter" not in seen
    assert len(seen) < LONGEST + 60


async def test_another_object_of_that_name_is_not_meant(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await happened(space, "e1", "of the pod")

    seen = await read(kubernetes, space, kind="service", name="api-1")

    assert seen == {"events": "", "warnings": 0, "reasons": [], "left_out": 0}
