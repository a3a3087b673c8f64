"""What deploy/kubernetes applies: taken by a real API server, and true to the code it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bot.app.leaving import StopSettings
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.settings import MOUNTED, KubernetesSettings
from bot.core.posted import Receipt
from bot.settings import Settings
from bot.slack.connection import REMEDIES
from bot.web.server import AlertDoor, Server
from tests.cluster.spaces import Space
from tests.rules import house, papers, sources

PLACE = house.ROOT / "deploy" / "kubernetes"
NOT_APPLIED = {"kustomization.yaml", "secret.example.yaml", "nodes.yaml"}
"""The list itself, what must be made by hand, and what only some installations want."""
ROOTS = {
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Namespace": "/api/v1/namespaces",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "PersistentVolumeClaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "Service": "/api/v1/namespaces/{}/services",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
}


def manifests() -> Iterator[tuple[str, Json]]:
    for path in sorted(PLACE.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from ((path.name, one) for one in yaml.safe_load_all(path.read_text("utf-8")))


EVERY = [pytest.param(one, id=f"{name}: {one['kind']}") for name, one in manifests()]


def the(kind: str, name: str) -> Json:
    return next(one for _, one in manifests()
                if (one["kind"], one["metadata"]["name"]) == (kind, name))  # fmt: skip


POD: Json = the("Deployment", "heal")["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


def lost(sent: Any, kept: Any, path: str = "") -> Iterator[str]:
    """What the server left out of what it was sent, as it does with a field it does not know."""
    if isinstance(sent, dict):
        for key, value in sent.items():
            if not isinstance(kept, dict) or key not in kept:
                yield f"{path}.{key}"
            else:
                yield from lost(value, kept[key], f"{path}.{key}")
    elif isinstance(sent, list):
        for number, (one, other) in enumerate(zip(sent, kept, strict=True)):
            yield from lost(one, other, f"{path}[{number}]")


@pytest.mark.parametrize("manifest", EVERY)
async def test_a_real_api_server_takes_it_and_knows_every_field(
    manifest: Json, space: Space
) -> None:
    sent = {**manifest, "metadata": {**manifest["metadata"]}}
    if "namespace" in sent["metadata"]:
        sent["metadata"]["namespace"] = space.name
    if sent["kind"].endswith("RoleBinding") or sent["kind"].endswith("Role"):
        sent["metadata"]["name"] += "-tried"  # the space has one of that name already
    kept = await space.admin.post(ROOTS[sent["kind"]].format(space.name), sent, dry=True)

    sent.pop("stringData", None)  # written into `data` by the server
    assert list(lost(sent, kept)) == []


def test_everything_that_is_there_is_applied_or_known_not_to_be() -> None:
    told = yaml.safe_load((PLACE / "kustomization.yaml").read_text())

    assert set(told["resources"]) | NOT_APPLIED >= {path.name for path in PLACE.glob("*.yaml")}
    assert [name for name in told["resources"] if not (PLACE / name).is_file()] == []
    assert [one["name"] for one in told["images"]] == [CONTAINER["image"]]


def test_every_setting_that_is_given_is_one_that_is_read() -> None:
    given = {
        *the("ConfigMap", "heal-settings")["data"],
        *the("Secret", "heal-secrets")["stringData"],
        *(one["name"] for one in CONTAINER["env"]),
    }
    known = {str(field.alias) for field in Settings.model_fields.values()}
    known |= {f"HEAL_KUBERNETES_{name.upper()}" for name in KubernetesSettings.model_fields}
    known |= {row[0].strip("`") for row in papers._plugin_rows()}
    known |= sources.variables()

    assert sorted(given - known) == []
    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"} <= given & {*REMEDIES}


def test_the_pod_tells_heal_which_pod_it_is_and_mounts_the_account_it_looks_for() -> None:
    fields = {one["name"]: one["valueFrom"]["fieldRef"]["fieldPath"] for one in CONTAINER["env"]}

    assert fields == {
        "HEAL_KUBERNETES_POD": "metadata.name",
        "HEAL_KUBERNETES_POD_NAMESPACE": "metadata.namespace",
        "HEAL_KUBERNETES_NODE": "spec.nodeName",
    }
    assert POD["automountServiceAccountToken"]
    assert KubernetesSettings().account == MOUNTED


async def test_the_probes_ask_pages_that_there_are_where_it_listens() -> None:
    async def ready() -> str:
        return ""

    async def receive(*_: object, **__: object) -> Receipt:
        return Receipt(0)

    server = await Server(AlertDoor(receive), None, ready).open("127.0.0.1", 0)
    told = the("ConfigMap", "heal-settings")["data"]
    try:
        pages = {CONTAINER[f"{name}Probe"]["httpGet"]["path"]
                 for name in ("startup", "liveness", "readiness")}  # fmt: skip
        answers = [await asked(server.port, page) for page in sorted(pages)]
    finally:
        await server.close()

    (port,) = CONTAINER["ports"]
    (service,) = the("Service", "heal")["spec"]["ports"]
    (let_in,) = the("NetworkPolicy", "heal")["spec"]["ingress"][0]["ports"]
    assert answers == [200, 200]
    assert pages == {"/healthz", "/readyz"}
    assert {str(one) for one in (port["containerPort"], service["port"], let_in["port"])} == {
        told["SLACK_PORT"]
    }
    assert told["HEAL_LISTEN"] == "0.0.0.0"


async def asked(port: int, page: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {page} HTTP/1.0\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


def test_a_stop_is_given_longer_than_heal_takes_for_it() -> None:
    told = the("ConfigMap", "heal-settings")["data"]
    names = {f"HEAL_STOP_{name}".upper(): name for name in StopSettings.model_fields}
    given = {names[name]: value for name, value in told.items() if name in names}

    assert POD["terminationGracePeriodSeconds"] > StopSettings.model_validate(given).bound
    assert "lifecycle" not in CONTAINER, "the delay before a stop is Heal's own, said by /readyz"


def test_one_process_owns_the_ledger() -> None:
    spec = the("Deployment", "heal")["spec"]
    mounts = {one["name"]: one["mountPath"] for one in CONTAINER["volumeMounts"]}
    volumes = {one["name"]: one for one in POD["volumes"]}
    settings = the("ConfigMap", "heal-settings")["data"]

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert "PodDisruptionBudget" not in {one["kind"] for _, one in manifests()}
    assert settings["HEAL_LEDGER"].startswith(f"{mounts['ledger']}/")
    claim = volumes["ledger"]["persistentVolumeClaim"]["claimName"]
    assert the("PersistentVolumeClaim", claim)["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_the_pod_gives_up_every_right_it_does_not_need() -> None:
    pod, container = POD["securityContext"], CONTAINER["securityContext"]

    assert pod["runAsNonRoot"]
    assert pod["runAsUser"] >= 10000
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["enableServiceLinks"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & {*POD}
    assert [one for one in POD["volumes"] if "hostPath" in one] == []
