"""What the plug-ins of capacity and jobs need in a namespace beside its deployment `api`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

from tests.cluster import argo, batch
from tests.cluster.spaces import Space

Furnish = Callable[[Space, AsyncExitStack], Awaitable[None]]


async def furnish(name: str, space: Space, stack: AsyncExitStack) -> None:
    """Put there what the plug-in of this name looks for; `stack` ends what is played."""
    if name in FURNISHED:
        await FURNISHED[name](space, stack)


def examples(namespace: str) -> dict[str, Mapping[str, Any]]:
    """Parameters that work then."""
    api = {"namespace": namespace, "name": "api"}
    return {
        "kubernetes.hpa_limits": {**api, "maximum": 4, "most": 6},
        "kubernetes.suspend_cronjob": {**api, "name": "nightly"},
        "kubernetes.delete_stuck_job": {**api, "name": "report"},
        "kubernetes.argo_abort": api,
        "kubernetes.argo_undo": api,
        "kubernetes.autoscaler": api,
        "kubernetes.resources": api,
        "kubernetes.endpoints": api,
        "kubernetes.job": {**api, "name": "report"},
        "kubernetes.deploying": api,
    }


async def _autoscaler(space: Space, _: AsyncExitStack) -> None:
    await space.autoscaler("api", 1, 3)


async def _cronjob(space: Space, _: AsyncExitStack) -> None:
    await batch.cronjob(space, "nightly")


async def _job(space: Space, _: AsyncExitStack) -> None:
    await batch.job(space, "report")


async def _service(space: Space, _: AsyncExitStack) -> None:
    await space.service("api")


async def _rolled_out(space: Space, stack: AsyncExitStack) -> None:
    played = await stack.enter_async_context(argo.playing(space))
    for image in ("shop:1", "shop:2"):
        await played.deploy(image)


async def _canary(space: Space, stack: AsyncExitStack) -> None:
    played = await stack.enter_async_context(argo.playing(space))
    played.held.add("shop:2")
    for image in ("shop:1", "shop:2"):
        await played.deploy(image)


FURNISHED: dict[str, Furnish] = {
    "kubernetes.hpa_limits": _autoscaler,
    "kubernetes.autoscaler": _autoscaler,
    "kubernetes.suspend_cronjob": _cronjob,
    "kubernetes.delete_stuck_job": _job,
    "kubernetes.job": _job,
    "kubernetes.argo_undo": _rolled_out,
    "kubernetes.argo_abort": _canary,
    "kubernetes.endpoints": _service,
}
