"""A ward: two nodes of a test's own, where no other pods come, and a Heal that may drain them."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.clients.kubernetes import draining, nodes
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Cluster, Json
from bot.clients.kubernetes.refusals import MissingError
from bot.clients.kubernetes.settings import Kind, KubernetesSettings
from tests.cluster.plane import CONTEXT, Plane, free_port, programs, token
from tests.cluster.spaces import WITHIN, Space, template

ROLE = Path(__file__).parents[2] / "deploy" / "kubernetes" / "nodes.yaml"
"""The very role that an operator gives Heal for nodes."""
RBAC = "/apis/rbac.authorization.k8s.io/v1"
LABEL = "heal-test"
READY = 90.0
OF_NODES = frozenset(
    f"kubernetes.{name}" for name in ("cordon", "uncordon", "drain", "node", "delete_stuck_pod")
)
"""What acts on nodes or asks about them."""
NUMBERS = itertools.count(1)


class Ward(NamedTuple):
    """`user` is the name that the API server's audit calls this Heal by."""

    name: str
    everything: KubernetesSettings
    admin: Cluster
    kubeconfig: Path
    nodes: tuple[str, str]
    user: str

    @property
    def settings(self) -> KubernetesSettings:
        return KubernetesSettings(
            kubeconfig=str(self.kubeconfig), contexts=(CONTEXT,), namespaces=("*",)
        )

    def template(self, **spec: Any) -> Json:
        """Pods that run in the ward and nowhere else."""
        made = template("shop:1")
        made["spec"] |= {
            "nodeSelector": {LABEL: self.name},
            "tolerations": [{"key": LABEL, "operator": "Exists"}],
            **spec,
        }
        return made

    async def admit(self, space: Space) -> None:
        """Give this Heal the role of a namespace as well."""
        subject = {"kind": "ServiceAccount", "name": "heal", "namespace": self.name}
        role = {"kind": "Role", "name": "heal", "apiGroup": "rbac.authorization.k8s.io"}
        made = {"metadata": {"name": "ward"}, "subjects": [subject], "roleRef": role}
        await self.admin.post(f"{RBAC}/namespaces/{space.name}/rolebindings", made)

    async def set(self, node: str, *, closed: bool) -> None:
        """As a person does it with kubectl, who is another manager of the field than Heal."""
        body = {"spec": {"unschedulable": closed or None}}
        query = {"fieldManager": "kubectl-cordon"}
        await self.admin._ask("PATCH", f"{nodes.ROOT}/{node}", query, body, MERGE_PLAIN)

    async def read(self, node: str) -> Json:
        return await self.admin.get(f"{nodes.ROOT}/{node}")

    @asynccontextmanager
    async def dead_node(self) -> AsyncIterator[str]:
        """A node without a kubelet: whatever is told to go from there never goes."""
        name = f"{self.name}-dead-{next(NUMBERS)}"
        await self.admin.post(nodes.ROOT, _node(self.name, name))
        yield name
        await self.admin.delete(f"{nodes.ROOT}/{name}", {})

    async def pretend_ready(self, node: str) -> None:
        """Say of a dead node that it lives; the cluster notices after some 20 seconds."""
        status = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
        await self.admin.patch(f"{nodes.ROOT}/{node}/status", status)

    async def as_before(self) -> None:
        """Both nodes open, empty, and without a word of ours."""
        for node in self.nodes:
            notes = {"metadata": {"annotations": {"heal/step": None}}}
            await self.admin.patch(f"{nodes.ROOT}/{node}", notes, kind=MERGE_PLAIN)
            await self.set(node, closed=False)
        async with asyncio.timeout(WITHIN):
            while found := [
                one for node in self.nodes for one in await draining.on(self.admin, node)
            ]:
                for pod in found:
                    await self._forget(pod)
                await asyncio.sleep(0.2)

    async def _forget(self, pod: Json) -> None:
        """And what would make it again, for a test's namespace outlives the test's visit here."""
        made = pod["metadata"]
        for kind in Kind:
            root = f"/apis/apps/v1/namespaces/{made['namespace']}/{kind.plural}"
            await self.admin.delete(root, {})
        path = f"/api/v1/namespaces/{made['namespace']}/pods/{made['name']}"
        try:
            await self.admin.delete(path, {"gracePeriodSeconds": 0})
        except MissingError:
            return

    async def filled(self, space: Space, name: str, replicas: int, **spec: Any) -> None:
        """A deployment whose pods are all on the first node, though the second takes pods too."""
        await self.set(self.nodes[1], closed=True)
        await space.deployment(name, replicas, template=self.template(**spec))
        await space.standing(name)
        await self.set(self.nodes[1], closed=False)


@contextmanager
def a_ward(plane: Plane, directory: Path) -> Iterator[Ward]:
    """Two kubelets beside those of the plane, and a service account with the role for nodes."""
    name = f"ward{os.getpid()}"
    settings = KubernetesSettings(
        kubeconfig=str(plane.kubeconfig("admin")), contexts=(CONTEXT,), namespaces=("*",)
    )
    ward = Ward(
        name=name,
        everything=settings,
        admin=Cluster(CONTEXT, settings),
        kubeconfig=directory / "heal.kubeconfig",
        nodes=(f"{name}-1", f"{name}-2"),
        user=f"system:serviceaccount:{name}:heal",
    )
    _alone(_open(ward, plane))
    running = [_kubelet(plane, directory, node) for node in ward.nodes]
    try:
        _alone(_until_ready(ward, directory))
        yield ward
    finally:
        for one in running:
            one.send_signal(signal.SIGTERM)
        for one in running:
            one.wait(10)
        _alone(_close(ward))


@asynccontextmanager
async def visited(ward: Ward) -> AsyncIterator[Ward]:
    """The ward for one test, on its own loop: as it was before, and again after it."""
    made = ward._replace(admin=Cluster(CONTEXT, ward.everything))
    await made.as_before()
    yield made
    await made.as_before()


def _alone(work: Coroutine[Any, Any, None]) -> None:
    """Run it on a loop of its own: who asks for a ward may be in the middle of one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _open(ward: Ward, plane: Plane) -> None:
    admin = Cluster(CONTEXT, ward.everything)
    await admin.post("/api/v1/namespaces", {"metadata": {"name": ward.name}})
    for node in ward.nodes:
        await admin.post(nodes.ROOT, _node(ward.name, node))
    root = f"/api/v1/namespaces/{ward.name}/serviceaccounts"
    await admin.post(root, {"metadata": {"name": "heal"}})
    role, binding = yaml.safe_load_all(ROLE.read_text())
    role["metadata"]["name"] = binding["metadata"]["name"] = ward.name
    binding["roleRef"]["name"] = ward.name
    binding["subjects"] = [{"kind": "ServiceAccount", "name": "heal", "namespace": ward.name}]
    await admin.post(f"{RBAC}/clusterroles", role)
    await admin.post(f"{RBAC}/clusterrolebindings", binding)
    given = await admin.post(f"{root}/heal/token", {"spec": {"expirationSeconds": 7200}})
    told = plane.kubeconfig("admin").read_text()
    ward.kubeconfig.write_text(told.replace(token("admin"), given["status"]["token"]))


def _node(ward: str, name: str) -> Json:
    taint = {"key": LABEL, "value": ward, "effect": "NoSchedule"}
    return {"metadata": {"name": name, "labels": {LABEL: ward}}, "spec": {"taints": [taint]}}


async def _until_ready(ward: Ward, directory: Path) -> None:
    admin = Cluster(CONTEXT, ward.everything)
    try:
        async with asyncio.timeout(READY):
            for node in ward.nodes:
                while not nodes.ready(await admin.get(f"{nodes.ROOT}/{node}")):
                    await asyncio.sleep(0.3)
    except TimeoutError:
        logs = [(directory / f"{node}.log").read_text()[-1500:] for node in ward.nodes]
        raise TimeoutError("\n\n".join(("a node of the ward is not ready", *logs))) from None


async def _close(ward: Ward) -> None:
    admin = Cluster(CONTEXT, ward.everything)
    for path in (
        *(f"{nodes.ROOT}/{node}" for node in ward.nodes),
        f"{RBAC}/clusterrolebindings/{ward.name}",
        f"{RBAC}/clusterroles/{ward.name}",
        f"/api/v1/namespaces/{ward.name}",
    ):
        try:
            await admin.delete(path, {})
        except MissingError:
            continue


def _kubelet(plane: Plane, directory: Path, node: str) -> subprocess.Popen[bytes]:
    log = (directory / f"{node}.log").open("wb")
    with log:
        return subprocess.Popen(
            [
                programs() / "kubemark", "--morph=kubelet", f"--name={node}",
                f"--kubeconfig={plane.kubeconfig('admin')}",
                f"--kubelet-port={free_port()}", "--kubelet-read-only-port=0",
            ],
            cwd=directory,
            env={"PATH": os.defpath, "TMPDIR": str(directory)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
