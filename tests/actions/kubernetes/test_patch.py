"""`kubernetes.patch` on a real control plane, over Istio's kinds and what may never be touched."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.patch import PLUGIN, Patch, Patched
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Json
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import MARK
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster import istio
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space

STEP = "inc-1:1"
WEIGHT = "/spec/http/0/route/{}/weight"
FAILOVER = {WEIGHT.format(0): 0, WEIGHT.format(1): 100}


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[Patch]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def to(
    space: Space, values: Json, kind: str = "VirtualService", group: str = istio.GROUP
) -> Patched:
    where = {"cluster": CONTEXT, "namespace": space.name, "group": group, "kind": kind}
    return Patched.model_validate({**where, "name": "api", "values": values})


async def read(space: Space, kind: str = "virtualservices") -> Json:
    root = f"/apis/{istio.GROUP}/{istio.VERSION}/namespaces/{space.name}"
    return await space.admin.get(f"{root}/{kind}/api")


@pytest.fixture
async def routed(space: Space) -> Space:
    """A namespace with a virtual service that sends everything to the main place."""
    await istio.install(space.admin)
    await istio.virtual_service(space, "api", main=100, backup=0)
    return space


async def test_traffic_moves_to_the_backup_and_back_again(action: Patch, routed: Space) -> None:
    first = await read(routed)
    which = to(routed, FAILOVER)
    scope = await action.scope(which)

    done = await action.execute(which, scope.pre_state, STEP)
    there = await read(routed)
    with pytest.raises(AlreadyThere):
        await action.scope(which)
    back = [await action.undo(which, scope.pre_state, STEP) for _ in range(2)]

    where = f"virtualservice api in {routed.name}"
    assert scope.says == (
        f"set /spec/http/0/route/0/weight=0, /spec/http/0/route/1/weight=100 of {where} ({CONTEXT})"
    )
    assert scope.undo_says.startswith("set /spec/http/0/route/0/weight=100, ")
    assert scope.blast_radius.line == (
        f"{where} ({CONTEXT}): touches 2 of 2 values, none down; "
        "/spec/http/0/route/0/weight 100 → 0; /spec/http/0/route/1/weight 0 → 100"
    )
    assert done.startswith(f"patched {where}: ")
    assert [one["weight"] for one in there["spec"]["http"][0]["route"]] == [0, 100]
    assert there["metadata"]["annotations"][MARK] == STEP
    assert {one["manager"] for one in there["metadata"]["managedFields"]} >= {"heal"}
    assert back == [f"{where} has its former values again"] * 2
    assert (await read(routed))["spec"] == first["spec"]
    assert (await action.scope(which)).pre_state == scope.pre_state


async def test_what_was_not_there_is_taken_away_again(action: Patch, routed: Space) -> None:
    made = await istio.make(routed, "DestinationRule", "api", {"host": "api"})
    breaker = {"consecutive5xxErrors": 5, "baseEjectionTime": "60s"}
    which = to(routed, {"/spec/trafficPolicy/outlierDetection": breaker}, "DestinationRule")
    scope = await action.scope(which)

    await action.execute(which, scope.pre_state, STEP)
    there = await read(routed, "destinationrules")
    await action.undo(which, scope.pre_state, STEP)

    assert there["spec"] == {"host": "api", "trafficPolicy": {"outlierDetection": breaker}}
    assert (await read(routed, "destinationrules"))["spec"] == made["spec"]


async def test_a_bucket_is_set_deep_inside_a_filter(action: Patch, routed: Space) -> None:
    bucket = {"max_tokens": 100, "fill_interval": "1s"}
    patch = {"value": {"typed_config": {"value": {"token_bucket": bucket}}}}
    await istio.make(routed, "EnvoyFilter", "api", {"configPatches": [{"patch": patch}]})
    place = "/spec/configPatches/0/patch/value/typed_config/value/token_bucket/max_tokens"
    which = to(routed, {place: 20}, "EnvoyFilter")
    scope = await action.scope(which)

    await action.execute(which, scope.pre_state, STEP)

    found = await read(routed, "envoyfilters")
    value = found["spec"]["configPatches"][0]["patch"]["value"]["typed_config"]["value"]
    assert value == {"token_bucket": {"max_tokens": 20, "fill_interval": "1s"}}


async def test_what_somebody_else_changed_is_not_overwritten_either_way(
    action: Patch, routed: Space
) -> None:
    which = to(routed, FAILOVER)
    path = f"/apis/{istio.GROUP}/{istio.VERSION}/namespaces/{routed.name}/virtualservices/api"
    stale = await action.scope(which)
    await routed.admin.patch(path, {"spec": {"gateways": ["mesh"]}}, kind=MERGE_PLAIN)
    with pytest.raises(PermanentError, match="changed since it was planned for: content"):
        await action.execute(which, stale.pre_state, STEP)
    assert await action.landed(which, stale.pre_state, STEP) is None

    scope = await action.scope(which)
    assert await action.landed(which, scope.pre_state, STEP) is False
    await action.execute(which, scope.pre_state, STEP)
    assert await action.landed(which, scope.pre_state, STEP) is True
    await routed.admin.patch(path, {"spec": {"gateways": ["edge"]}}, kind=MERGE_PLAIN)

    with pytest.raises(PermanentError, match="changed by somebody else since: left alone"):
        await action.undo(which, scope.pre_state, STEP)


async def test_a_label_of_a_workload_comes_and_goes(action: Patch, space: Space) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    which = to(space, {"/metadata/labels/example.org~1held": "yes"}, "Deployment", "apps")
    scope = await action.scope(which)

    await action.execute(which, scope.pre_state, STEP)
    path = f"/apis/apps/v1/namespaces/{space.name}/deployments/api"
    there = await space.admin.get(path)
    await action.undo(which, scope.pre_state, STEP)

    assert there["metadata"]["labels"] == {"example.org/held": "yes"}
    assert not (await space.admin.get(path))["metadata"].get("labels")


async def test_what_the_server_would_refuse_is_refused_before_anybody_is_asked(
    action: Patch, space: Space
) -> None:
    await space.deployment("api", 1)
    which = to(space, {"/metadata/labels/held": "no, not this"}, "Deployment", "apps")

    with pytest.raises(PermanentError, match=r"a dry run, nothing was changed\): refused \(422\)"):
        await action.scope(which)


async def test_what_runs_heal_itself_is_never_touched(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    (pod,) = await space.pods()
    inside = kubernetes.model_copy(
        update={"pod": pod, "pod_namespace": space.name, "namespaces": (space.name,)}
    )
    which = to(space, {"/metadata/labels/held": "yes"}, "Deployment", "apps")

    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match="runs Heal itself"):
            await PLUGIN(inside, rig).scope(which)


@pytest.mark.parametrize(
    ("title", "path", "why"),
    [
        ("/Secret", "/spec/x", "never patches a Secret"),
        ("/ConfigMap", "/spec/x", "never patches a ConfigMap"),
        ("rbac.authorization.k8s.io/Role", "/spec/x", "never patches a Role"),
        ("apiextensions.k8s.io/CustomResourceDefinition", "/spec/x", "never patches a Custom"),
        (
            "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
            "/spec/x",
            "never patches a Validating",
        ),
        ("apps/Deployment", "/metadata/finalizers", "only a spec, annotations and labels"),
        ("apps/Deployment", "/metadata/ownerReferences/0/uid", "only a spec, annotations and"),
        ("apps/Deployment", "/metadata/annotations", "only a spec, annotations and labels"),
        ("apps/Deployment", "/status/replicas", "only a spec, annotations and labels"),
        ("apps/Deployment", "/spec/template/spec/nodeName", "use kubernetes.set_image"),
        ("apps/Deployment", "/spec/replicas", "use kubernetes.scale"),
        ("apps/Deployment", "/metadata/annotations/heal~1step", "belongs to a controller"),
        (
            "apps/Deployment",
            "/metadata/annotations/deployment.kubernetes.io~1revision",
            "belongs to a controller",
        ),
        (
            "networking.istio.io/VirtualService",
            "/spec/hosts/0",
            "of a VirtualService it may change /spec/http",
        ),
        ("example.org/Gate", "/spec/shut", "of a Gate it may change /spec/open"),
        ("example.org/Wall", "/spec/open", "may patch VirtualService, .*, Gate only"),
    ],
)
async def test_everything_else_is_refused_with_what_is_allowed(
    title: str, path: str, why: str
) -> None:
    """Not even a setting can allow some of it; the server is not asked."""
    group, _, kind = title.rpartition("/")
    anything = tuple(
        f"{title}:{one}" for one in ("/metadata/**", "/spec/template/**", "/status/**")
    )
    added = ("example.org/Gate:/spec/open", *(anything if not title.startswith("ex") else ()))
    added += ("/Secret:/**", "/ConfigMap:/**") if not group else ()
    settings = KubernetesSettings(contexts=(CONTEXT,), namespaces=("*",), patches=added)
    where = {"cluster": CONTEXT, "namespace": "shop", "group": group, "kind": kind, "name": "api"}
    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match=why):
            await PLUGIN(settings, rig).scope(
                Patched.model_validate({**where, "values": {path: "x"}})
            )


@pytest.mark.parametrize(
    "values", [{}, {"spec/x": 1}, {"/": 1}, {"/spec/a": {}, "/spec/a/b": 1}, {"/spec//x": 1}]
)
def test_places_that_are_none_or_hold_each_other_are_mistakes(values: Json) -> None:
    where = {"namespace": "shop", "group": "apps", "kind": "Deployment", "name": "api"}
    with pytest.raises(ValidationError):
        Patched.model_validate({**where, "values": values})
