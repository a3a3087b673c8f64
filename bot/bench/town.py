"""A town for runs that are killed or healed: services, runbooks, and one sick thing to mend."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

NAME = "bench-service"
"""The service of the one incident of which copies are made."""
ALERT = "PodCrashLooping"
RUNBOOK = """
runbook: {name}
title: Recreate a pod that crashes again and again
description: >-
  A pod that crashes in a loop is thrown away, so that it starts on another node. It helps when the
  node is what is wrong: a disk that is full, a clock that is off, a neighbour that takes it all.
owner: platform
approved_for: [{{service: "*", environment: bench}}]
match: {{alerts: [{alert}]}}
diagnose: [{{probe: http.status, as: health, with: {{url: "http://{host}/", timeout: 3s}}}}]
steps:
  - do: http.request
    with: {{method: DELETE, url: "http://{host}/pods", target: {{name: "${{service.name}}"}}}}
    on_uncertain: ask
    timeout: 60s
verify:
  probes: [{{probe: http.status, as: health, with: {{url: "http://{host}/", timeout: 3s}}}}]
  success: health.status == 200
  within: 5s
  every: 100ms
  hold: 0s
  relapse: 20m
escalate: {{to: oncall, say: It crashes on another node too; look at what it runs.}}
safety:
  unattended: false
  attempts: [{{limit: 3, within: 1h}}]
  cool_down: 1m
  approval: {{expires: 1h, quorum: 1}}
estimate: {{recovery: 1m, cost: none}}
tests: []
"""
RULES = """
concurrency: 100
attempts: {limit: 1000, within: 1h}
flapping: {times: 20, within: 1ms}
repeat_offender: {times: 20, within: 1ms}
approvers:
  low: {groups: [approvers]}
  medium: {groups: [approvers]}
  high: {groups: [approvers]}
operators: {groups: [oncall]}
"""


class Sick:
    """What the runbook mends, over HTTP; when it `hangs`, a mending never ends."""

    def __init__(self, host: str, *, hangs: bool) -> None:
        self.host = host
        self.over = asyncio.Event()
        self._hangs = hangs
        self._well = False

    async def health(self, _: web.Request) -> web.Response:
        return web.Response(status=200 if self._well else 500)

    async def mend(self, _: web.Request) -> web.Response:
        if self._hangs:
            await self.over.wait()
        self._well = True
        return web.Response()


@asynccontextmanager
async def sick(*, hangs: bool) -> AsyncIterator[Sick]:
    """Serve it on a port of its own."""
    app = web.Application()
    runner = web.AppRunner(app, shutdown_timeout=0)
    thing = Sick("", hangs=hangs)
    app.router.add_get("/", thing.health)
    app.router.add_delete("/pods", thing.mend)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    thing.host = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield thing
    finally:
        thing.over.set()
        await runner.cleanup()


def library(directory: Path, host: str, runbooks: int, services: int) -> Path:
    """Write so many runbooks, of which the first fits the alert, and so many services."""
    (directory / "policy").mkdir(parents=True)
    for number in range(runbooks):
        name, alert = f"recreate-pod-{number}", f"{ALERT}{number or ''}"
        text = RUNBOOK.format(name=name, alert=alert, host=host)
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    (directory / "policy" / "rules.yaml").write_text(RULES, encoding="utf-8")
    names = (NAME, *(copied(number) for number in range(services)))
    known = [
        {"name": name, "environment": "bench", "owner": "team", "tier": 3, "stateless": True}
        for name in names
    ]
    told = json.dumps({"services": known})
    (directory / "policy" / "services.yaml").write_text(told, encoding="utf-8")
    return directory


def copied(number: int) -> str:
    return f"copy-{number}"


def message(service: str, fingerprint: str, status: str) -> dict[str, object]:
    """What Alertmanager posts of the trouble."""
    labels = {"alertname": ALERT, "service": service, "environment": "bench", "severity": "warning"}
    over = "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-20T10:05:00Z"
    alert = {
        "status": status, "labels": labels, "annotations": {"summary": "Pod is crash looping"},
        "startsAt": "2026-11-20T10:00:00Z", "endsAt": over, "fingerprint": fingerprint,
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=x",
    }  # fmt: skip
    return {
        "version": "4", "groupKey": "{}", "truncatedAlerts": 0, "status": status,
        "receiver": "heal", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093", "alerts": [alert],
    }  # fmt: skip
