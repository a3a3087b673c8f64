"""What every plug-in in the tree keeps to, whoever wrote it."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bot import plugins, ports
from bot.clients.kubernetes.rights import Right
from bot.clients.rig import Rig
from bot.core.plan import Reversibility, Scope
from bot.plugins import Room, Toolbox
from tests.clients import caches, disks, rigs
from tests.clients.caches import Cache
from tests.clients.kubernetes import kubeconfigs, metrics
from tests.clients.servers import Recorder, recorder
from tests.clients.units import Units, units
from tests.cluster import furnishing, objects
from tests.cluster.fixtures import a_space, opened
from tests.cluster.observed import Observed
from tests.cluster.plane import CONTEXT, Plane
from tests.cluster.spaces import Space, template
from tests.cluster.wards import OF_NODES, visited

ROOT = Path(__file__).parents[2]
ALONE = {
    *OF_NODES,
    "kubernetes.argo_abort",
    "kubernetes.argo_undo",
    "kubernetes.disruption_budget",
}
"""Each test of these has a namespace of its own: what is played there ends with the test."""
ROOMS: tuple[Room, ...] = get_args(Room)
EVERY = [(room, name) for room in ROOMS for name in plugins.shipped(room)]
MEASURED = {"kubernetes.resources"}
"""Read of a web server, for no kubelet of the real plane measures anything."""
PLAYED = {
    "kubernetes.autoscaler",
    "kubernetes.condition",
    "kubernetes.delete_stuck_job",
    "kubernetes.deploying",
    "kubernetes.endpoints",
    "kubernetes.events",
    "kubernetes.hpa_limits",
    "kubernetes.job",
    "kubernetes.logs",
    "kubernetes.patch_configmap",
    "kubernetes.restart",
    "kubernetes.revision",
    "kubernetes.rollout",
    "kubernetes.scale",
    "kubernetes.set_env",
    "kubernetes.set_image",
    "kubernetes.set_resources",
    "kubernetes.suspend_cronjob",
    "kubernetes.undo_rollout",
}
"""What the fake API server can play where there is no control plane; the others are skipped."""
TOLD = [(room, name) for room, name in EVERY if room != "sources"]
each_plug_in = pytest.mark.parametrize(("room", "name"), EVERY)
each_that_is_told = pytest.mark.parametrize(("room", "name"), TOLD)


def tops(found: Any) -> list[type[BaseModel]]:
    """The models that it declares; what it can be told only where it is called by runbooks."""
    return [top for top in (getattr(found, "params", None), found.config) if top is not None]


def plug_in(room: str, name: str) -> Any:
    return importlib.import_module(f"bot.{room}.{name}").PLUGIN


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model that stands in one of its fields."""
    yield model
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models(part)


class World:
    """A machine, a web server, a cache and a cluster; all can tell what was done to them."""

    def __init__(
        self,
        rig: Rig,
        server: Recorder,
        host: Units,
        cache: Cache | None,
        cluster: Observed | None,
    ) -> None:
        self.cluster = cluster
        self.server = server
        self.host = host
        self.cache = cache
        self.folder = host.root / "logs"
        self.played = kubeconfigs.write(host.root / "kubeconfig", **{CONTEXT: server.url("")})
        self.log = disks.write(self.folder / "shop.log.1")
        disks.OPENED.names.clear()
        self.tools = Toolbox(rig, self.section)

    def section(self, system: str) -> Mapping[str, str]:
        sections = {
            "host": {
                "systemctl": str(self.host.systemctl),
                "journalctl": "echo",
                "name": "web-1",
                "cleanable": str(self.folder),
                "logs": str(self.folder),
            },
            "http": {"allowed_hosts": self.server.host},
            "prometheus": {"url": self.server.url("")},
            "kubernetes": {
                "kubeconfig": self.cluster.kubeconfig if self.cluster else self.played,
                "contexts": CONTEXT,
                "namespaces": "*",
            },
            "sink_file": {"path": str(self.host.root / "checkpoints.txt")},
            "sink_slack_webhook": {"url": self.server.url("/services/T/B/x")},
            "sink_rfc3161": {"url": self.server.url(""), "certificates": "/nonexistent"},
            "sink_s3": {"bucket": "audit", "access_key": "AKIA0", "secret_key": "x"},
            "hook": {"url": self.server.url("/heal"), "secret": "a-long-random-text-7f3k2m"},
            "jira": {
                "url": self.server.url(""),
                "user": "a@b.example",
                "token": "x",
                "projects": "SHOP",
            },
            "github": {"url": self.server.url(""), "token": "x", "repositories": "acme/shop"},
            "gitlab": {"url": self.server.url(""), "token": "x", "projects": "acme/shop"},
            "redis": {"url_cache": self.cache.url if self.cache else "redis://127.0.0.1"},
        }
        return sections.get(system, {})

    @property
    def namespace(self) -> str:
        return self.cluster.space.name if self.cluster else "shop"

    @property
    def node(self) -> str:
        return self.cluster.node if self.cluster else "node-1"

    @property
    def pod(self) -> str:
        return self.cluster.pod if self.cluster else "api-1"

    @property
    def examples(self) -> dict[str, Mapping[str, Any]]:
        """Parameters that work in this world, for each plug-in."""
        url = self.server.url("/pool")
        container = {"namespace": self.namespace, "name": "api", "container": "api"}
        deployment = {"namespace": self.namespace, "group": "apps", "kind": "Deployment"}
        deployment["name"] = "api"
        return {
            "host.restart_service": {"unit": "shop"},
            "http.request": {
                "method": "PUT",
                "url": url,
                "body": {"size": 50},
                "snapshot": {"url": url},
                "rollback": {"url": url},
            },
            "host.clean_disk": {"files": [{"under": str(self.folder), "older_than": "7d"}]},
            "host.archive_logs": {"under": str(self.folder), "older_than": "7d"},
            "host.process": {"unit": "shop"},
            "host.journal": {"unit": "shop"},
            "host.disk_usage": {"path": str(self.folder)},
            "host.disk_report": {"path": str(self.folder)},
            "http.status": {"url": url},
            "prometheus.query": {"query": "up"},
            "redis.unlink_pattern": {"server": "cache", "pattern": "cache:*"},
            "redis.memory": {"server": "cache"},
            "kubernetes.restart": {"namespace": self.namespace, "name": "api"},
            "kubernetes.scale": {
                "namespace": self.namespace,
                "name": "api",
                "replicas": 2,
                "most": 3,
            },
            "kubernetes.set_image": {**container, "image": "shop:3"},
            "kubernetes.set_env": {**container, "variable": "POOL", "value": "50", "add": True},
            "kubernetes.set_resources": {
                **container,
                "limits": {"memory": "1Gi"},
                "most": {"memory": "2Gi"},
            },
            "kubernetes.patch": {**deployment, "values": {"/metadata/labels/held": "yes"}},
            "kubernetes.patch_configmap": {
                "namespace": self.namespace,
                "name": "api",
                "values": {"pool": "50"},
                "restart": {"name": "api"},
            },
            "kubernetes.condition": {**deployment, "holds": "object.spec.replicas == 1"},
            "kubernetes.undo_rollout": {"namespace": self.namespace, "name": "api"},
            "kubernetes.rollout": {"namespace": self.namespace, "name": "api"},
            "kubernetes.events": {"namespace": self.namespace, "name": "api"},
            "kubernetes.logs": {"namespace": self.namespace, "pod": "waiting"},
            "kubernetes.revision": {"namespace": self.namespace, "name": "api"},
            **furnishing.examples(self.namespace),
            "kubernetes.evict_pod": {"namespace": self.namespace, "name": self.pod},
            "kubernetes.delete_stuck_pod": {"namespace": self.namespace, "name": "stuck"},
            "kubernetes.cordon": {"name": self.node, "most_away": 100},
            "kubernetes.uncordon": {"name": self.node},
            "kubernetes.drain": {"name": self.node, "most_away": 100},
            "kubernetes.pods": {"namespace": self.namespace, "workload": "api"},
            "kubernetes.disruption_budget": {"namespace": self.namespace, "name": "api"},
            "kubernetes.node": {"name": self.node},
        }

    @property
    def writes(self) -> list[str]:
        """Everything that was done to this world, beyond looking."""
        called = [call[0] for call in self.host.calls if call[0] != "show"]
        called += self.cache.called() - caches.LOOKING if self.cache else ()
        called += [] if disks.names(self.folder) == [self.log.name] else ["files"]
        called += self.cluster.writes if self.cluster else ()
        return called + [method for method in self.server.methods if method != "GET"]

    def unnamed(self, made: object) -> set[Right]:
        """The rights that it used in the cluster and does not name in its `needs`."""
        needs: Sequence[Right] = getattr(made, "needs", ())
        named = {one._replace(verbs=(verb,)) for one in needs for verb in one.verbs}
        return (self.cluster.used if self.cluster and needs else set()) - named

    @property
    def looked(self) -> bool:
        cached = self.cache.called() if self.cache else ()
        opened = self.folder.name in disks.OPENED.names
        asked = self.cluster.asked if self.cluster else ()
        return bool(self.host.calls or self.server.seen or cached or opened or asked)


@asynccontextmanager
async def a_world(
    root: Path, cache: Cache | None, cluster: Observed | None
) -> AsyncIterator[World]:
    host = units(root)
    host.write("shop")
    async with rigs.rig() as rig, recorder() as server:
        server.kept["/pool"] = {"size": 20}
        sample = {"metric": {}, "value": [1000.0, "999"]}
        server.kept["/api/v1/query"] = {
            "status": "success",
            "data": {"resultType": "vector", "result": [sample]},
        }
        metrics.keep(server, metrics.pod("api-1"), measured=(metrics.usage("api-1", "1", "1Gi"),))
        ahead = dataclasses.replace(rig, clock=disks.Later())
        yield World(ahead, server, host, cache, cluster)
        host.stop_all()


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Cache]:
    with caches.a_cache() as started:
        yield started


@pytest.fixture(scope="module")
def kept() -> Iterator[dict[str, Space]]:
    """Each plug-in's namespace, for all its tests that only look."""
    spaces: dict[str, Space] = {}
    yield spaces
    for space in spaces.values():
        asyncio.run(space.anew().close())


@pytest.fixture
async def world(
    tmp_path: Path, name: str, kept: dict[str, Space], request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    """Only plug-ins of Redis and Kubernetes ask for theirs, and are skipped where there is none."""
    async with _world(tmp_path, name, kept, request) as made:
        yield made


@pytest.fixture
async def new_world(
    tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    """One that may be written to."""
    async with _world(tmp_path, name, None, request) as made:
        yield made


@asynccontextmanager
async def _world(
    tmp_path: Path, name: str, kept: dict[str, Space] | None, request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    cache: Cache | None = None
    cluster: Observed | None = None
    if name.startswith("redis."):
        cache = request.getfixturevalue("redis_server")
        cache.empty()
        cache.fill({"cache:": 10}, expires=60)
        cache.admin.config_resetstat()
    async with AsyncExitStack() as stack:
        if name.startswith("kubernetes.") and name not in MEASURED:
            plane = request.getfixturevalue("any_plane" if name in PLAYED else "plane")
            if kept is None or name in ALONE:
                space = await stack.enter_async_context(a_space(plane))
                await furnished(space, name, stack)
            elif name in kept:
                space = kept[name].anew()
            else:
                space = kept[name] = await opened(plane)
                await furnished(space, name, stack)
            cluster = await prepared(stack, plane, space, name, request)
        yield await stack.enter_async_context(a_world(tmp_path, cache, cluster))


async def furnished(space: Space, name: str, stack: AsyncExitStack) -> None:
    for image in ("shop:1", "shop:2"):
        await space.deployment("api", 1, template=template(image))
        await space.standing("api")
    await space.waiting("waiting")
    await objects.config_map(space, "api", pool="20")
    await furnishing.furnish(name, space, stack)


async def prepared(
    stack: AsyncExitStack, plane: Plane, space: Space, name: str, request: pytest.FixtureRequest
) -> Observed:
    """Pods and nodes for those that act on them; the nodes are nobody else's."""
    ward = None
    if name in OF_NODES:
        ward = await stack.enter_async_context(visited(request.getfixturevalue("wards")))
        await ward.admit(space)
        await ward.set(ward.nodes[0], closed=name == "kubernetes.uncordon")
    if name == "kubernetes.delete_stuck_pod" and ward:
        await space.told_to_go("stuck", await stack.enter_async_context(ward.dead_node()))
    if name == "kubernetes.disruption_budget":
        await space.budget("api", 1)
        await space.counted("api")
    cluster = Observed(plane, space, ward)
    cluster.pod = min(await space.pods())
    return cluster


@each_plug_in
def test_a_plug_in_says_what_it_is_for(room: str, name: str) -> None:
    found = plug_in(room, name)
    module = importlib.import_module(f"bot.{room}.{name}")

    assert module.__doc__
    assert (found if isinstance(found, type) else type(found)).__doc__


@each_that_is_told
def test_the_module_begins_with_the_name_that_runbooks_use(room: str, name: str) -> None:
    module = importlib.import_module(f"bot.{room}.{name}")

    assert (module.__doc__ or "").lstrip().startswith(f"`{name}`: ")


@each_that_is_told
def test_every_field_says_what_it_means(room: str, name: str) -> None:
    found = plug_in(room, name)

    assert not [
        f"{model.__name__}.{field}"
        for top in tops(found)
        for model in models(top)
        for field, declared in model.model_fields.items()
        if not declared.description
    ]


@each_that_is_told
def test_a_field_nobody_declared_is_a_mistake(room: str, name: str) -> None:
    found = plug_in(room, name)

    assert {"forbid"} == {
        model.model_config.get("extra") for top in tops(found) for model in models(top)
    }


@each_plug_in
def test_a_plug_in_has_a_test_of_its_own_name(room: str, name: str) -> None:
    *folders, file = name.split(".")

    assert ROOT.joinpath("tests", room, *folders, f"test_{file}.py").is_file()


def makers(world: World, room: Room) -> Mapping[str, Callable[[str], object]]:
    """How the plug-ins of each room are made."""
    return {
        "actions": world.tools.action,
        "probes": world.tools.probe,
        "sources": world.tools.source,
        "sinks": world.tools.sink,
        "tickets": partial(world.tools.correspondent, room),
        "pagers": partial(world.tools.correspondent, room),
    }


@each_plug_in
async def test_a_plug_in_does_all_that_its_room_does(room: Room, name: str, world: World) -> None:
    made = makers(world, room)[room](name)

    kinds = {"actions": ports.Action, "probes": ports.Probe, "sources": ports.Source}
    in_step = dict.fromkeys(("tickets", "pagers"), ports.Correspondent)
    assert isinstance(made, {**kinds, "sinks": ports.Sink, **in_step}[room])


@each_that_is_told
async def test_being_made_touches_nothing(room: Room, name: str, world: World) -> None:
    makers(world, room)[room](name)

    assert not world.looked


@pytest.mark.parametrize("name", plugins.shipped("actions"))
async def test_a_scope_looks_and_never_writes(name: str, world: World) -> None:
    action = world.tools.action(name)
    params = action.params.model_validate(world.examples[name])

    scope = await action.scope(params)

    assert world.writes == []
    assert world.looked
    assert Scope.model_validate_json(scope.model_dump_json()) == scope
    assert "\n" not in scope.says + scope.undo_says
    assert scope.says


@pytest.mark.parametrize("name", plugins.shipped("actions"))
async def test_a_scope_that_nothing_changed_is_the_same_again(name: str, world: World) -> None:
    action = world.tools.action(name)
    params = action.params.model_validate(world.examples[name])

    assert await action.scope(params) == await action.scope(params)


@pytest.mark.parametrize("name", plugins.shipped("actions"))
async def test_an_action_with_a_way_back_says_it(name: str, world: World) -> None:
    action = world.tools.action(name)
    params = action.params.model_validate(world.examples[name])

    scope = await action.scope(params)

    reversible = action.way_back(params) is Reversibility.REVERSIBLE
    assert reversible is bool(scope.undo_says)


@pytest.mark.parametrize("name", plugins.shipped("actions"))
async def test_asking_whether_it_landed_writes_nothing(name: str, world: World) -> None:
    action = world.tools.action(name)
    params = action.params.model_validate(world.examples[name])
    before = (await action.scope(params)).pre_state

    assert await action.landed(params, before) is not True
    assert world.writes == []


@pytest.mark.parametrize("name", plugins.shipped("actions"))
async def test_what_was_done_twice_and_put_back_twice_is_as_if_done_once(
    name: str, new_world: World
) -> None:
    world = new_world
    action = world.tools.action(name)
    params = action.params.model_validate(world.examples[name])
    scope = await action.scope(params)

    said = [await action.execute(params, scope.pre_state, "inc-1:1") for _ in range(2)]
    said += [await action.undo(params, scope.pre_state, "inc-1:1") for _ in range(2)]

    assert all(line and "\n" not in line for line in said)
    if action.way_back(params) is Reversibility.REVERSIBLE:
        assert scope.pre_state == (await action.scope(params)).pre_state
    assert world.unnamed(action) == set()


@pytest.mark.parametrize(
    ("room", "name"), [one for one in TOLD if one[1].startswith("kubernetes.")]
)
async def test_what_acts_on_a_cluster_always_says_which(room: str, name: str, world: World) -> None:
    made = (world.tools.action if room == "actions" else world.tools.probe)(name)

    assert made.params.model_validate(world.examples[name]).model_dump()["cluster"] == CONTEXT


@pytest.mark.parametrize("name", plugins.shipped("probes"))
async def test_a_probe_reads_and_never_writes(name: str, world: World) -> None:
    probe = world.tools.probe(name)

    facts = await probe.read(probe.params.model_validate(world.examples[name]))

    assert world.writes == []
    assert facts
    assert world.unnamed(probe) == set()
