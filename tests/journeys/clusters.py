"""A bot in a process of its own before a real cluster: the shipped runbooks, and one service."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.refusals import MissingError
from bot.clients.kubernetes.settings import OnWorkload
from bot.core.incident import Incident
from bot.core.lifecycle import State
from tests.cluster.gates import Gate
from tests.cluster.plane import CONTEXT, Plane
from tests.cluster.spaces import Space, template
from tests.faults import mortal as faults
from tests.journeys import mortal, scenes, threads
from tests.journeys.scenes import NURSERY, Scene

SHIPPED = Path(__file__).parents[2] / "runbooks" / "kubernetes"
SERVICE, PLACE = "shop-api", "staging"


class Ground:
    """The scene, and the namespace that the bot may touch; `api` is the deployment in it."""

    def __init__(self, scene: Scene, space: Space, gate: Gate) -> None:
        self.scene = scene
        self.space = space
        self.gate = gate
        self.api = OnWorkload(cluster=CONTEXT, namespace=space.name, name="api")

    async def deploy(self, *images: str, replicas: int = 3, **spec: Any) -> None:
        """Roll out one image after the other; of each, pods are ready while `/image` is open."""
        for image in images:
            path = f"/{image}"
            self.gate.open.add(path)
            await self.release(image, replicas=replicas, **spec)
            await self.space.standing("api")

    async def release(self, image: str, replicas: int = 3, **spec: Any) -> None:
        """Ask for an image, and wait for nothing."""
        shown = template(image, **self.gate.probe(f"/{image}"))
        await self.space.deployment("api", replicas, template=shown, **spec)

    async def image(self) -> str:
        found = await self.space.read(self.api)
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])

    async def alert(self, name: str, status: str = "firing", **labels: str) -> int:
        return await self.scene.alert(name, SERVICE, status, environment=PLACE, **labels)

    async def restart_by_hand(self) -> None:
        """As `kubectl rollout restart` does it."""
        dated = {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-20T10:00:00Z"}}
        spec = {"template": {"metadata": dated}}
        await self.space.admin.patch(self.api.path, {"spec": spec})

    async def live_until(self, moment: str) -> None:
        """Begin a life of the bot that ends by SIGKILL at this moment."""
        alive = NURSERY.Event()
        told = (self.scene.directory, moment, alive)
        self.scene.bot = NURSERY.Process(target=main, args=told)
        self.scene.bot.start()
        await self.scene.until(lambda: alive.is_set() or not self.scene.lives)
        assert alive.is_set(), self.scene.log()[-2000:]

    def told(self, card: str) -> str:
        """The card as a person reads it now."""
        return self._read(self.scene.workspace.message("alerts", card))

    def thread(self, card: str) -> list[str]:
        """What stands below it: evidence first, files last, for these come when they are made."""
        below = map(self._read, self.scene.workspace.thread("alerts", card)[1:])
        return sorted(below, key=lambda one: one.startswith("📎") - ("🔍" in one))

    async def says(self, card: str, text: str) -> None:
        """Wait until this stands in the thread."""
        await self.scene.until(lambda: text in "\n".join(self.thread(card)))

    def _read(self, message: Mapping[str, Any]) -> str:
        return threads.told(message, {self.space.name: "shop"})

    async def until_shown(self) -> None:
        """Wait until a pod is seen as one that crashes."""
        path = f"/api/v1/namespaces/{self.space.name}/pods"
        async with asyncio.timeout(scenes.PATIENCE):
            while "CrashLoopBackOff" not in str(await self.space.admin.get(path)):
                await asyncio.sleep(0.1)

    async def asked(self) -> str:
        """Wait for the card with the buttons; its ts."""
        await self.scene.until(lambda: self.scene.card("approve_recovery"))
        return self.scene.card("approve_recovery")

    async def approved(self, *states: State) -> Incident:
        """Say yes, and wait until the incident is in one of these states."""
        await self.scene.press("approve_recovery")
        return await self.scene.reached(*states)

    async def crash(self, pod: str) -> None:
        """Show a pod as one that crashes, as the kubelet of such a pod would, until it is gone."""
        path = f"/api/v1/namespaces/{self.space.name}/pods/{pod}"
        ended = {"exitCode": 1, "reason": "Error"}
        container = {
            "name": "api", "image": "shop:1", "imageID": "", "ready": False, "restartCount": 7,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": ended},
        }  # fmt: skip
        with suppress(MissingError):
            while True:
                shown = {"status": {"containerStatuses": [container]}}
                await self.space.admin.patch(f"{path}/status", shown)
                await asyncio.sleep(0.3)


@asynccontextmanager
async def opened(directory: Path, plane: Plane, space: Space, gate: Gate) -> AsyncIterator[Ground]:
    """A stage whose bot is not started yet; it has the least-privilege user of the plane."""
    async with scenes.opened(directory) as scene:
        books = directory / "runbooks"
        shutil.rmtree(books / "detectors")
        for path in books.glob("*.yaml"):
            path.unlink()
        (books / "kubernetes").mkdir()
        for path in SHIPPED.glob("*.yaml"):
            (books / "kubernetes" / path.name).write_text(hurried(path.read_text()))
        service = {
            "name": SERVICE, "environment": PLACE, "owner": "team-shop", "tier": 2,
            "stateless": True,
            "facts": {
                "cluster": CONTEXT, "namespace": space.name, "workload": "api",
                "targets": f"k8s:{CONTEXT}/{space.name}/*",
            },
        }  # fmt: skip
        listed = json.dumps({"services": [service]})
        (books / "policy" / "services.yaml").write_text(listed)
        told = directory / "stage.json"
        known = json.loads(told.read_text())
        known["sections"]["kubernetes"] = {
            "kubeconfig": str(plane.kubeconfig("heal")),
            "contexts": CONTEXT,
            "namespaces": space.name,
        }
        told.write_text(json.dumps(known))
        yield Ground(scene, space, gate)


class Watched(faults.Mortal):
    """A house whose writes to a cluster are watched by its fate too."""

    def _watch_plugins(self) -> None:
        super()._watch_plugins()
        for verb in ("patch", "post"):
            self._around(
                Cluster, verb, lambda *_, dry=False, verb=verb, **__: "dry" if dry else verb
            )


def main(directory: Path, moment: str, alive: Event) -> None:
    """One life, which may end at this moment."""
    Watched.fate = faults.Fate(moment)
    mortal.main(directory, alive, Watched)


def hurried(runbook: str) -> str:
    """The shipped runbook with shorter waits: the same steps, criteria and way back."""
    for word, fast in (("within", "20s"), ("every", "200ms"), ("hold", "600ms")):
        runbook = re.sub(rf"^  {word}: .*$", f"  {word}: {fast}", runbook, flags=re.MULTILINE)
    return runbook
