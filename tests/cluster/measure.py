"""
How long a plan's blast radius takes, and what it asks, in a namespace of 300 pods and more.

`python -m tests.cluster.measure` starts a control plane of its own and prints what it measured:
the calls as the server's audit counts them, wall time, and the processor time of this process,
which is what remains comparable on a busy machine.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bot.actions.kubernetes.restart import Restart
from bot.clients.kubernetes.settings import OnWorkload
from tests.clients import rigs
from tests.cluster import plane as planes
from tests.cluster.fixtures import a_space, seen_by
from tests.cluster.plane import CONTEXT, Plane
from tests.cluster.spaces import APPS, Space, template

ROUNDS = 100
SMALL, LARGE = 10, 100
OTHERS = 19
"""Deployments of ten pods beside these two: 300 pods in all."""
GROWTH = (1000, 2500, 5000)
WITHIN = 600.0


class Taken(NamedTuple):
    """Milliseconds of one plan each, and calls of one plan."""

    wall: list[float]
    processor: float
    calls: float

    @property
    def says(self) -> str:
        p50, p95 = statistics.median(self.wall), statistics.quantiles(self.wall, n=20)[-1]
        return (
            f"p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   processor {self.processor:5.1f} ms   "
            f"{self.calls:.1f} calls"
        )


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="heal-measure-") as directory:
        planned = planes.a_plane(Path(directory))
        with planned as plane:
            async with a_space(plane) as space:
                await measure(plane, space)


async def measure(plane: Plane, space: Space) -> None:
    """Fill the namespace, then plan in it as it grows."""
    version = (await space.admin.get("/version"))["gitVersion"]
    await _fill(space)
    pods = len(await space.admin.every(f"/api/v1/namespaces/{space.name}/pods"))
    print(f"server {version}, {pods} pods in the namespace, {ROUNDS} plans each")
    async with _planner(plane) as planner:
        for name, size in (("small", SMALL), ("large", LARGE)):
            taken = await _taken(plane, planner, space, name)
            print(f"a deployment of {size:3} pods                {taken.says}   {_rss()}")
        made = 0
        for count in GROWTH:
            await _deployments(space, range(made, count))
            made = count
            taken = await _taken(plane, planner, space, "small")
            print(f"of {SMALL}, beside {count:4} deployments more  {taken.says}   {_rss()}")


@asynccontextmanager
async def _planner(plane: Plane) -> AsyncIterator[Restart]:
    async with rigs.rig() as rig:
        yield Restart(seen_by(plane, "heal"), rig)


async def _taken(plane: Plane, planner: Restart, space: Space, name: str) -> Taken:
    which = OnWorkload(cluster=CONTEXT, namespace=space.name, name=name)
    await planner.scope(which)  # the client is loaded and connected once in a life
    asked, processor, wall = len(plane.asked("heal")), time.process_time(), list[float]()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await planner.scope(which)
        wall.append((time.perf_counter() - began) * 1000)
    spent = (time.process_time() - processor) * 1000 / ROUNDS
    return Taken(wall, spent, (len(plane.asked("heal")) - asked) / ROUNDS)


async def _fill(space: Space) -> None:
    sizes = {"small": SMALL, "large": LARGE} | {f"other-{n}": SMALL for n in range(OTHERS)}
    for name, size in sizes.items():
        await _deployment(space, name, size)
        await _around(space, name)
    async with asyncio.timeout(WITHIN):
        while not await _stand(space, sizes):
            await asyncio.sleep(2)


async def _deployment(space: Space, name: str, size: int) -> None:
    pods: Any = template("shop:1")
    pods["metadata"]["labels"] = {"app": name}
    spec = {"replicas": size, "selector": {"matchLabels": {"app": name}}, "template": pods}
    made = {"metadata": {"name": name}, "spec": spec}
    await space.admin.post(f"{APPS}/{space.name}/deployments", made)


async def _around(space: Space, name: str) -> None:
    """A service, a budget, an autoscaler and an entry for each."""
    selector = {"matchLabels": {"app": name}}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    backend = {"service": {"name": name, "port": {"number": 80}}}
    specs: dict[str, Any] = {
        "/api/v1/namespaces/{}/services": {
            "selector": {"app": name}, "ports": [{"port": 80}],
        },
        "/apis/policy/v1beta1/namespaces/{}/poddisruptionbudgets": {
            "minAvailable": 1, "selector": selector,
        },
        "/apis/autoscaling/v1/namespaces/{}/horizontalpodautoscalers": {
            "scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 200,
        },
        "/apis/networking.k8s.io/v1/namespaces/{}/ingresses": {"defaultBackend": backend},
    }  # fmt: skip
    for root, spec in specs.items():
        await space.admin.post(root.format(space.name), {"metadata": {"name": name}, "spec": spec})


async def _stand(space: Space, sizes: dict[str, int]) -> bool:
    found = await space.admin.every(f"{APPS}/{space.name}/deployments")
    ready = sum(int(one.get("status", {}).get("readyReplicas", 0)) for one in found)
    return ready == sum(sizes.values())


async def _deployments(space: Space, numbers: Sequence[int]) -> None:
    """With no pods: what grows is the cluster, not the load of its nodes."""
    for at in range(0, len(numbers), 8):
        some = numbers[at : at + 8]
        await asyncio.gather(*(_deployment(space, f"grown-{number}", 0) for number in some))


def _rss() -> str:
    told = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in told.splitlines() if line.startswith("VmRSS"))
    return f"{int(kilobytes) / 1024:.0f} MB"


if __name__ == "__main__":
    asyncio.run(main())
