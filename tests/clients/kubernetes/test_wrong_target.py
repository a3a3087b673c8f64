"""Two clusters that have the same names in them: only the one that is named is ever asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.restart import PLUGIN, Restart
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.settings import IN_CLUSTER, KubernetesSettings, OnWorkload
from bot.core.errors import PermanentError
from tests.clients import rigs, servers
from tests.clients.kubernetes import kubeconfigs
from tests.clients.servers import Recorder

STEP = "inc-1:1"
NOWHERE = "/nonexistent"


class Two(NamedTuple):
    """Both have deployment api in shop; the current context is prod, and its namespace is wrong."""

    prod: Recorder
    staging: Recorder
    kubeconfig: str

    def settings(self, *contexts: str, allowed: str = "shop") -> KubernetesSettings:
        return KubernetesSettings(
            kubeconfig=self.kubeconfig, contexts=contexts, namespaces=(allowed,), account=NOWHERE
        )


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with servers.recorder() as prod, servers.recorder() as staging:
        kubeconfigs.fill(prod, "uid-prod")
        kubeconfigs.fill(staging, "uid-staging")
        named = {"prod": prod.url(""), "staging": staging.url("")}
        yield Two(prod, staging, kubeconfigs.write(tmp_path / "config", "prod", **named))


async def restart(stack: AsyncExitStack, settings: KubernetesSettings) -> Restart:
    return PLUGIN(settings, await stack.enter_async_context(rigs.rig()))


def api(action: Restart, **more: str) -> OnWorkload:
    return action.params.model_validate({"namespace": "shop", "name": "api", **more})


async def test_the_cluster_that_is_not_named_is_never_touched(two: Two) -> None:
    async with AsyncExitStack() as stack:
        action = await restart(stack, two.settings("prod", "staging"))
        params = api(action, cluster="staging")
        scope = await action.scope(params)
        await action.execute(params, scope.pre_state, STEP)

    assert two.prod.seen == []
    assert two.staging.methods.count("PATCH") == 2
    assert scope.blast_radius.targets[0].key == "k8s:staging/shop/deployment/api"


async def test_the_current_context_is_no_cluster(two: Two) -> None:
    async with AsyncExitStack() as stack:
        action = await restart(stack, two.settings("staging"))
        for name in ("prod", "default"):
            with pytest.raises(ValidationError, match=f"cluster '{name}' is unknown: use one of"):
                api(action, cluster=name)
        await action.scope(api(action))

    assert two.prod.seen == []


async def test_the_only_cluster_may_be_left_out_and_is_named_in_the_plan(two: Two) -> None:
    async with AsyncExitStack() as stack:
        params = api(await restart(stack, two.settings("staging")))

    assert params.model_dump()["cluster"] == "staging"


async def test_of_several_clusters_one_must_be_named(two: Two) -> None:
    async with AsyncExitStack() as stack:
        action = await restart(stack, two.settings("prod", "staging"))

        with pytest.raises(ValidationError, match="name one of prod, staging"):
            api(action)


async def test_without_any_cluster_the_setting_is_named(two: Two) -> None:
    async with AsyncExitStack() as stack:
        action = await restart(stack, two.settings())

        with pytest.raises(ValidationError, match="no cluster is set: list contexts"):
            api(action)


async def test_a_kubeconfig_that_was_pointed_elsewhere_after_the_plan_is_noticed(two: Two) -> None:
    async with AsyncExitStack() as stack:
        action = await restart(stack, two.settings("staging"))
        planned = await action.scope(api(action))
        kubeconfigs.write(Path(two.kubeconfig), staging=two.prod.url(""))
        action = await restart(stack, two.settings("staging"))
        again = await action.scope(api(action))
        with pytest.raises(PermanentError, match="uid uid-staging → uid-prod"):
            await action.execute(api(action), planned.pre_state, STEP)

    assert again != planned
    assert "PATCH" not in two.prod.methods


async def test_a_kubeconfig_needs_no_current_context(two: Two) -> None:
    told = json.loads(Path(two.kubeconfig).read_text())
    del told["current-context"]
    Path(two.kubeconfig).write_text(json.dumps(told))

    async with AsyncExitStack() as stack:
        action = await restart(stack, two.settings("staging"))
        await action.scope(api(action))

    with pytest.raises(PermanentError, match="did you mean 'staging'"):
        await Clusters(two.settings("stagign")).get("stagign").get("/version")


async def test_two_names_of_one_cluster_are_refused(two: Two, tmp_path: Path) -> None:
    text = Path(two.kubeconfig).read_text().replace('"cluster": "staging"', '"cluster": "prod"')
    Path(two.kubeconfig).write_text(text)
    clusters = Clusters(two.settings("prod", "staging"))

    with pytest.raises(PermanentError, match="prod and staging are one cluster"):
        await clusters.get("staging").get("/version")

    assert two.prod.seen == []


async def test_a_slip_in_the_setting_is_answered_with_the_name_that_was_meant(two: Two) -> None:
    clusters = Clusters(two.settings("stagign"))

    with pytest.raises(PermanentError, match=r"did you mean 'staging'\?; mend HEAL_KUBERNETES_CON"):
        await clusters.get("stagign").get("/version")


@pytest.mark.parametrize("asked", ["other", "kube-system", "default"])
async def test_a_namespace_that_is_not_listed_is_not_even_read(two: Two, asked: str) -> None:
    async with AsyncExitStack() as stack:
        action = await restart(stack, two.settings("prod"))
        with pytest.raises(PermanentError, match=f"may not touch namespace {asked}: list {asked}"):
            await action.scope(api(action, namespace=asked))

    assert two.prod.seen == []


@pytest.mark.parametrize(
    ("allowed", "cluster", "namespace", "may"),
    [
        ((), "prod", "shop", False),
        (("shop",), "prod", "shop", True),
        (("shop",), "staging", "shop", True),
        (("prod/shop",), "prod", "shop", True),
        (("prod/shop",), "staging", "shop", False),
        (("arn:aws:eks:eu:1:cluster/prod/shop",), "arn:aws:eks:eu:1:cluster/prod", "shop", True),
        (("shop-*",), "prod", "shop-eu", True),
        (("shop-*",), "prod", "shop", False),
        (("prod/*",), "prod", "shop", True),
        (("prod/*",), "staging", "shop", False),
        (("*",), "prod", "kube-system", False),
        (("kube-*",), "prod", "kube-system", False),
        (("*",), "prod", "default", False),
        (("*",), "prod", "heal", False),
        (("*", "heal"), "prod", "heal", True),
        (("kube-system",), "prod", "kube-system", True),
    ],
)
def test_which_namespaces_may_be_touched(
    allowed: tuple[str, ...], cluster: str, namespace: str, *, may: bool
) -> None:
    settings = KubernetesSettings(namespaces=allowed, account=NOWHERE, pod_namespace="heal")

    assert (settings.forbids(cluster, namespace) == "") is may


@pytest.mark.parametrize("wrong", ["Shop", "shop/", "sh*p", "**", "prod/-x"])
def test_an_entry_that_names_no_namespace_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is not a namespace"):
        KubernetesSettings(namespaces=(wrong,))


def test_heal_inside_a_cluster_needs_no_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("heal\n")
    settings = KubernetesSettings(account=str(tmp_path))

    assert settings.cluster("") == IN_CLUSTER
    assert settings.home == "heal"
    with pytest.raises(ValueError, match="in-cluster means the cluster that Heal runs in"):
        KubernetesSettings(account=str(tmp_path), contexts=(IN_CLUSTER,))
