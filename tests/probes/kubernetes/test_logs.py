"""
`kubernetes.logs`, against a web server that plays an API server's answers.

The real control plane of the tests runs containers that do not exist, so it has no logs at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.probes.kubernetes.logs import PLUGIN
from tests.clients import rigs, servers
from tests.clients.kubernetes import kubeconfigs
from tests.clients.servers import Recorder

PODS = "/api/v1/namespaces/shop/pods"


def pod(name: str, *, ready: bool = True, **restarts: int) -> dict[str, Any]:
    told = [{"name": each, "restartCount": count} for each, count in restarts.items()]
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"name": each} for each in restarts if each != "init"]},
        "status": {"conditions": conditions, "containerStatuses": told},
    }


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with servers.recorder() as started:
        kubeconfigs.fill(started, "u")
        yield started


async def read(server: Recorder, tmp_path: Path, **more: Any) -> Facts:
    file = kubeconfigs.write(tmp_path / "config", prod=server.url(""))
    settings = KubernetesSettings(kubeconfig=file, contexts=("prod",), namespaces=("shop",))
    async with rigs.rig() as rig:
        probe = PLUGIN(settings, rig)
        given = {"namespace": "shop", **(more or {"name": "api"})}
        return await probe.read(probe.params.model_validate(given))


def logs(server: Recorder, name: str, said: str, status: int = 200) -> None:
    server.answers[f"{PODS}/{name}/log"] = web.Response(text=said, status=status)


async def test_the_container_that_fares_worst_is_read_with_its_life_before(
    server: Recorder, tmp_path: Path
) -> None:
    server.kept[PODS] = {
        "items": [
            pod("api-1", app=9),
            pod("api-2", ready=False, app=3, proxy=0),
            pod("api-3", ready=False, app=1),
        ]
    }
    logs(server, "api-2", "panic: no route to db\n")

    seen = await read(server, tmp_path)

    assert seen == {
        "pod": "api-2",
        "container": "app",
        "restarts": 3,
        "log": "> panic: no route to db",
        "previous": "> panic: no route to db",
        "matches": 2,
    }
    asked = [one.path for one in server.seen if "/log?" in one.path]
    bounds = "container=app&tailLines=200&limitBytes=1048576"
    assert asked == [f"{PODS}/api-2/log?{bounds}&previous=true", f"{PODS}/api-2/log?{bounds}"]


async def test_one_that_never_restarted_has_no_life_before(
    server: Recorder, tmp_path: Path
) -> None:
    server.kept[f"{PODS}/api-1"] = pod("api-1", app=0, proxy=2)
    logs(server, "api-1", "started")

    seen = await read(server, tmp_path, pod="api-1", container="app", lines=5)

    assert (seen["log"], seen["previous"]) == ("started", "")
    assert [one.path for one in server.seen if "previous" in one.path] == []


async def test_an_init_container_that_fails_is_found(server: Recorder, tmp_path: Path) -> None:
    server.kept[f"{PODS}/api-1"] = pod("api-1", ready=False, app=0, init=4)
    logs(server, "api-1", "no")

    assert (await read(server, tmp_path, pod="api-1"))["container"] == "init"


async def test_secrets_and_what_moves_a_terminal_are_taken_out_before_it_is_cut(
    server: Recorder, tmp_path: Path
) -> None:
    server.kept[f"{PODS}/api-1"] = pod("api-1", app=0)
    secret = "postgres://shop:" + "s3cretword" * 9 + "@db/shop"
    logs(server, "api-1", f"\x1b[31mfirst {'x' * 480}{secret}\x1b[0m\n{secret}\nsaid")

    log = str((await read(server, tmp_path, pod="api-1"))["log"])

    assert "s3cret" not in log
    assert log.splitlines()[1:] == ["postgres://shop:•••@db/shop", "said"]
    assert log.startswith("first xxx")


async def test_lines_of_trouble_are_found_far_above_and_marked(
    server: Recorder, tmp_path: Path
) -> None:
    server.kept[f"{PODS}/api-1"] = pod("api-1", app=0)
    said = ["no space left on device", *(f"GET /{number}" for number in range(150))]
    logs(server, "api-1", "\n".join(said))

    usual = await read(server, tmp_path, pod="api-1", lines=4)
    other = await read(server, tmp_path, pod="api-1", lines=3, pattern="/14[89]$")

    assert str(usual["log"]).splitlines() == [
        "> no space left on device", "…", "GET /147", "GET /148", "GET /149",
    ]  # fmt: skip
    assert (usual["matches"], other["matches"]) == (1, 2)
    assert str(other["log"]).splitlines() == ["GET /147", "> GET /148", "> GET /149"]


@pytest.mark.parametrize(
    "said",
    [
        'container "app" in pod "api-1" is waiting to start: ContainerCreating',
        'previous terminated container "app" in pod "api-1" not found',
    ],
)
async def test_a_log_that_is_not_there_is_empty(
    server: Recorder, tmp_path: Path, said: str
) -> None:
    server.kept[f"{PODS}/api-1"] = pod("api-1", app=0)
    server.answers[f"{PODS}/api-1/log"] = web.json_response({"message": said}, status=400)

    assert (await read(server, tmp_path, pod="api-1"))["log"] == ""


async def test_a_role_without_the_right_is_no_empty_log(server: Recorder, tmp_path: Path) -> None:
    server.kept[f"{PODS}/api-1"] = pod("api-1", app=0)
    logs(server, "api-1", "{}", 403)

    with pytest.raises(PermanentError, match="read pods/api-1/log in shop: forbidden"):
        await read(server, tmp_path, pod="api-1")


async def test_what_has_no_pod_or_no_such_container_is_said(
    server: Recorder, tmp_path: Path
) -> None:
    server.kept[f"{PODS}/api-1"] = pod("api-1", app=0)
    with pytest.raises(PermanentError, match="prod: deployment api in shop has no pod"):
        await read(server, tmp_path)
    with pytest.raises(PermanentError, match="api-1 in shop has no container db"):
        await read(server, tmp_path, pod="api-1", container="db")


@pytest.mark.parametrize("given", [{}, {"name": "api", "pod": "api-1"}])
async def test_either_a_workload_or_a_pod_is_meant(
    server: Recorder, tmp_path: Path, given: dict[str, str]
) -> None:
    with pytest.raises(ValidationError, match="either the workload's name or the pod's"):
        await read(server, tmp_path, lines=3, **given)
