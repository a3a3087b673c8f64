"""R24: a checkout is slow for want of CPU; twelve pods instead of six, in two increments."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.cluster.spaces import template
from tests.journeys.scenes import one_alert
from tests.stories import clusters
from tests.stories.clusters import HERE, PLACE, RULES, Ground
from tests.stories.stage import Told

CPU = "checkout:cpu:share"
SHIPPED = Path(__file__).parents[2] / "runbooks" / "kubernetes" / "scale-out-busy-workload.yaml"
BUSY, LESS, CALM = 0.97, 0.88, 0.52
PACE = {
    "lately: 5m": "lately: 0s", "hold: 10s": "hold: 1s", "hold: 30s": "hold: 1s",
    "every: 5s": "every: 200ms", "within: 1m": "within: 5m", "within: 2m": "within: 5m",
}  # fmt: skip
"""The shipped runbook's waits as a test can wait them."""
SERVICE = {
    "name": "checkout", "environment": PLACE, "owner": "team-checkout", "tier": 4,
    "stateless": True,
    "facts": {**HERE, "workload": "checkout", "peak_replicas": 12, "cpu_query": CPU},
}  # fmt: skip


async def play(directory: Path) -> Told:
    prices = {"price_cpu_hour": "0.04", "price_gb_hour": "0.005"}
    async with clusters.opened(directory, "jira", **prices) as ground:
        told = ground.told
        wants = {"requests": {"cpu": "2", "memory": "4Gi"}}
        await ground.space.deployment("checkout", 6, template=template("shop:1", resources=wants))
        told.furnish(RULES, [SERVICE], scale_out_busy_workload=_runbook())
        told.signals.went(CPU, (20, 0.61), (9, 0.78), (6, 0.93), (4, BUSY))
        await told.begin()
        await _alert(ground)
        await told.consider()
        await told.scene.press("approve_recovery")
        await _grown(ground, 9)
        told.signals.now(CPU, LESS)
        await _grown(ground, 12)
        await told.done(2)
        told.signals.now(CPU, CALM)
        await told.proved()
        await _alert(ground, "resolved")
        return await told.over("capacity")


def _runbook() -> str:
    text = SHIPPED.read_text()
    for slow, fast in PACE.items():
        assert slow in text
        text = text.replace(slow, fast)
    return f"{text.partition('tests:')[0]}tests: []\n"


async def _alert(ground: Ground, status: str = "firing") -> None:
    alert = one_alert("ServiceCpuSaturated", "checkout", status, environment=PLACE, severity="P1")
    says = {"summary": "checkout latency p99 is 2.4 s, its CPU is used up"}
    await ground.told.scene.send({**alert, "annotations": says})


async def _grown(ground: Ground, count: int) -> None:
    """Wait until there are so many pods."""
    while await ground.replicas("checkout") != count:
        await asyncio.sleep(0.1)
