"""A gate that the readiness probes of real kubelets ask: open it, and pods become ready."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class Gate:
    """Each path is shut until it is opened; a pod's template names one of them."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.port = 0

    def probe(self, path: str) -> dict[str, Any]:
        """What goes into a container, so that its pod is ready while this path is open."""
        asked = {"host": "127.0.0.1", "port": self.port, "path": path}
        return {"readinessProbe": {"httpGet": asked, "periodSeconds": 1, "failureThreshold": 1}}

    async def _answer(self, request: web.Request) -> web.Response:
        return web.Response(status=200 if request.path in self.open else 503)


@asynccontextmanager
async def a_gate() -> AsyncIterator[Gate]:
    gate, app = Gate(), web.Application()
    app.router.add_get("/{path:.*}", gate._answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gate.port = runner.addresses[0][1]
    try:
        yield gate
    finally:
        await runner.cleanup()
