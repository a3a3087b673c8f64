"""The doctor asks each cluster which rights Heal lacks, and prints the role that grants them."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from bot.clients.kubernetes import granting, reviewing
from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.granting import Need
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clock import Clock
from bot.core.library import Library
from bot.doctor import kubernetes, needed
from bot.doctor.finding import Finding, State
from bot.plugins import Toolbox
from bot.probes.kubernetes import logs
from tests import builders
from tests.clients import servers
from tests.clients.kubernetes import kubeconfigs
from tests.cluster import inside
from tests.cluster.fixtures import seen_by
from tests.cluster.plane import CONTEXT, Plane, named
from tests.cluster.spaces import Space

TOOLS = Toolbox(None, lambda _: {})
NUMBERS = itertools.count(1)
RBAC = "/apis/rbac.authorization.k8s.io/v1"


def reads_logs(**given: Any) -> Library:
    """A runbook that reads a log, for a service that says where."""
    where = {"namespace": "${service.facts.space}", "name": "api", **given}
    book = builders.a_runbook(
        runbook="read-it",
        diagnose=[{"probe": "kubernetes.logs", "as": "log", "with": where}],
        parameters={"space": {"type": "string", "value": "${alert.labels.namespace}"}},
    )
    shop = builders.a_service(facts={"space": "shop", "cluster": "prod"})
    return builders.a_library(book, services=(shop, builders.a_service(name="other")))


def settings(**changes: Any) -> KubernetesSettings:
    given = {"contexts": ("prod",), "namespaces": ("shop",), "account": "/nonexistent", **changes}
    return KubernetesSettings.model_validate(given)


async def found(library: Library, given: KubernetesSettings) -> list[Finding]:
    return await kubernetes.examined(library, TOOLS, given, Clock())


def spaces(library: Library, given: KubernetesSettings) -> set[tuple[str, str]]:
    return {(one.cluster, one.namespace) for one in needed.rights(library, TOOLS, given)}


def test_a_runbook_needs_its_rights_where_its_services_are() -> None:
    wanted = needed.rights(reads_logs(), TOOLS, settings())

    assert set(wanted) == set(granting.needs(logs.PLUGIN.needs, "prod", "shop"))
    assert set(wanted.values()) == {"runbook read-it"}


@pytest.mark.parametrize(
    "given", [{"namespace": "${alert.labels.namespace}"}, {"namespace": "${params.space}"}]
)
def test_what_comes_with_an_alert_may_be_anywhere_that_is_written_out(
    given: dict[str, str],
) -> None:
    allowed = settings(namespaces=("shop", "prod/cart", "test/x", "team-*"))

    assert spaces(reads_logs(**given), allowed) == {("prod", "shop"), ("prod", "cart")}


def test_the_cluster_of_a_service_is_where_its_rights_are_needed() -> None:
    two = settings(contexts=("prod", "test"))

    assert spaces(reads_logs(cluster="${service.facts.cluster}"), two) == {("prod", "shop")}
    assert spaces(reads_logs(cluster="${alert.labels.cluster}"), two) == {
        ("prod", "shop"), ("test", "shop"),
    }  # fmt: skip


def test_inside_a_cluster_heal_needs_to_see_its_own_pod(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    inside = settings(account=str(tmp_path), contexts=(), pod_namespace="heal")

    wanted = needed.rights(builders.a_library(), TOOLS, inside)

    assert wanted == {Need("in-cluster", "heal", "", "pods", "get"): "recognising itself"}


@pytest.mark.parametrize(
    ("library", "given", "said", "remedy"),
    [
        (reads_logs(), settings(contexts=()), "none is set", "HEAL_KUBERNETES_CONTEXTS"),
        (reads_logs(), settings(namespaces=()), "no namespace may be", "HEAL_KUBERNETES_NAMESPA"),
        (reads_logs(cluster="prdo"), settings(), "did you mean 'prod'", "mend the name"),
        (
            reads_logs(namespace="cart"), settings(), "Heal may not touch namespace cart",
            "list cart or prod/cart in HEAL_KUBERNETES_NAMESPACES",
        ),
    ],
)  # fmt: skip
async def test_a_place_that_would_be_refused_is_said_with_its_remedy(
    library: Library, given: KubernetesSettings, said: str, remedy: str, tmp_path: Path
) -> None:
    file = kubeconfigs.write(tmp_path / "config", prod="http://127.0.0.1:1")

    findings = await found(library, given.model_copy(update={"kubeconfig": file}))

    (meant,) = (one for one in findings if said in one.found)
    assert meant.state is State.FAILED
    assert remedy in meant.remedy


@pytest.mark.parametrize(
    ("status", "said", "remedy"),
    [
        (401, "cluster prod: read /version: Heal is not known there (401)", "renew the token"),
        (500, "cluster prod: read /version: it answered 500", "see whether its API server is up"),
    ],
)
async def test_a_cluster_that_does_not_answer_as_it_should_is_one_finding(
    tmp_path: Path, status: int, said: str, remedy: str
) -> None:
    async with servers.recorder() as server:
        server.answers["/version"] = web.Response(status=status)
        file = kubeconfigs.write(tmp_path / "config", prod=server.url(""))
        (finding,) = await found(reads_logs(), settings(kubeconfig=file))

    assert (finding.state, finding.found) == (State.FAILED, said)
    assert remedy in finding.remedy


async def test_a_cluster_that_is_down_or_unknown_is_one_finding(tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", prod="http://127.0.0.1:1")
    (down,) = await found(reads_logs(), settings(kubeconfig=file))
    (lost,) = await found(builders.a_library(), settings(kubeconfig=file, contexts=("prdo",)))

    assert (down.state, down.found) == (State.FAILED, "prod cannot be reached: newconnection")
    assert "did you mean 'prod'?" in lost.found
    assert lost.remedy == "mend HEAL_KUBERNETES_CONTEXTS"


class Slow(Clock):
    """Two seconds pass whenever the time is asked for."""

    def monotonic(self) -> float:
        return 2.0 * next(NUMBERS)


async def test_a_slow_cluster_is_a_warning(tmp_path: Path) -> None:
    async with servers.recorder() as server:
        server.kept["/version"] = {"gitVersion": "v1.30.1"}
        file = kubeconfigs.write(tmp_path / "config", prod=server.url(""))
        given = settings(kubeconfig=file)
        (finding,) = await kubernetes.examined(builders.a_library(), TOOLS, given, Slow())

    assert (finding.state, finding.found) == (State.WARNING, "took 2.0 s to tell its version")


async def test_two_names_of_one_address_are_found(tmp_path: Path) -> None:
    same = "http://127.0.0.1:1"
    file = kubeconfigs.write(tmp_path / "config", prod=same, again=same)
    two = settings(kubeconfig=file, contexts=("prod", "again"))

    findings = await found(builders.a_library(), two)

    assert {one.found for one in findings} == {"prod and again are one cluster"}


async def test_a_context_of_the_cluster_that_heal_runs_in_is_known_by_its_pod(
    plane: Plane, space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await space.waiting("heal-0")
    inside.mounted(plane, "admin", tmp_path, monkeypatch)
    both = seen_by(plane, "admin").model_copy(
        update={"account": str(tmp_path), "pod": "heal-0", "pod_namespace": space.name}
    )

    findings = await found(builders.a_library(), both)

    (twin,) = (one for one in findings if one.state is State.FAILED)
    assert (twin.name, twin.remedy.endswith("call it in-cluster")) == (f"cluster {CONTEXT}", True)


async def test_the_role_that_is_printed_grants_what_is_missing_and_no_more(plane: Plane) -> None:
    admin = Cluster(CONTEXT, seen_by(plane, "admin"))
    space = f"bare-{os.getpid()}-{next(NUMBERS)}"
    await admin.post("/api/v1/namespaces", {"metadata": {"name": space}})
    library, heal = reads_logs(namespace=space), seen_by(plane, "heal")

    findings = await found(library, heal)
    for one in yaml.safe_load_all(findings[-1].apply):
        kind = f"{one['kind'].lower()}s"
        await admin.post(f"{RBAC}/namespaces/{one['metadata']['namespace']}/{kind}", one)
    granted = await admin.get(f"{RBAC}/namespaces/{space}/roles/heal-more")
    after = await found(library, heal)

    missing = [one.found for one in findings[:-1]]
    said = f"get pods/log in namespace {space} is missing, for runbook read-it"
    assert said in missing
    assert f"get, list pods in namespace {space} is missing, for runbook read-it" in missing
    assert findings[-1].found == f"{6} of {6} rights are missing"
    assert granted["rules"] == granting.rules(granting.needs(logs.PLUGIN.needs, "", space))
    assert [one.state for one in after] == [State.OK]
    assert after[0].found == "v1.20.2, lets Heal in; allows the 6 rights that runbooks need"


async def test_whoever_heal_is_there_is_told_by_the_server(plane: Plane) -> None:
    assert await reviewing.who(Cluster(CONTEXT, seen_by(plane, "heal"))) == named("heal")
    assert await reviewing.who(Cluster(CONTEXT, seen_by(plane, "admin"))) == ""


def test_roles_bind_an_account_as_an_account_and_odd_names_in_quotes() -> None:
    rights = (Right("apps", "deployments", ("patch", "get")), Right("", "nodes", ("list",), True))
    wanted = list(granting.needs(rights, "prod", "shop"))

    account = list(yaml.safe_load_all(granting.manifests(wanted, "heal")))
    odd = list(yaml.safe_load_all(granting.manifests(wanted, "heal", 'a: "b"')))

    assert [one["kind"] for one in account] == [
        "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding",
    ]  # fmt: skip
    assert account[2]["rules"] == [
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "patch"]}
    ]
    assert account[3]["subjects"] == [
        {"kind": "ServiceAccount", "name": "heal", "namespace": "heal"}
    ]
    assert odd[1]["subjects"][0]["name"] == 'a: "b"'
