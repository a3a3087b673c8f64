"""A street of small services on one port: some mend unattended, some ask, some have no remedy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

RUNBOOK = """
runbook: {name}
title: Raise the pool of a service in the street
description: More connections help a service of this street whenever it is degraded.
owner: platform
approved_for: [{{service: "*", environment: street}}]
match: {{alerts: [{alert}]}}
parameters:
  size: {{type: integer, value: 50, min: 20, max: 80, description: connections afterwards}}
diagnose:
  - {{probe: http.status, as: health, with: {{url: "${{service.facts.url}}/healthz"}}}}
steps:
  - do: http.request
    with:
      method: PUT
      url: "${{service.facts.url}}/pool"
      body: {{size: "${{params.size}}"}}
      snapshot: {{url: "${{service.facts.url}}/pool", keys: [size]}}
      rollback: {{url: "${{service.facts.url}}/pool"}}
      target: {{name: "pool of ${{service.name}}"}}
    on_uncertain: probe
    timeout: 30s
verify:
  probes:
    - {{probe: http.status, as: health, with: {{url: "${{service.facts.url}}/healthz"}}}}
  success: health.status == 200
  within: 5s
  every: 100ms
  hold: 300ms
  relapse: 20m
escalate: {{to: oncall, say: Look behind the service.}}
safety:
  unattended: {unattended}
  attempts: [{{limit: 100, within: 1h}}]
  approval: {{expires: 5m, quorum: 1}}
estimate: {{recovery: 1m, cost: none}}
"""
RULES = """
approvers: {low: {groups: [approvers]}, medium: {groups: [approvers]}, high: {groups: [approvers]}}
ask_when_critical: false
operators: {groups: [oncall]}
breaker: {failures: 50, within: 1h, open_for: 10m}
storm: {above_percent: 100}
concurrency: 100
attempts: {limit: 1000, within: 1h}
flapping: {times: 20, within: 1ms}
repeat_offender: {times: 20, within: 1ms}
"""
ALERTS = {"mends": "PoolFull", "asks": "PoolLow", "none": "Unheard"}
"""What a service's alert is called, by what becomes of it."""


@dataclass
class Street:
    """The services by name: what becomes of each, and how well it is now."""

    becomes: dict[str, str]
    url: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)

    def write(self, directory: Path) -> Path:
        """Write the street's own library; its directory."""
        library = directory / "runbooks"
        (library / "policy").mkdir(parents=True)
        (library / "detectors").mkdir()
        for name, alert, unattended in (
            ("mend-it", ALERTS["mends"], "true"),
            ("ask-first", ALERTS["asks"], "false"),
        ):
            text = RUNBOOK.format(name=name, alert=alert, unattended=unattended)
            (library / f"{name}.yaml").write_text(text)
        (library / "policy" / "rules.yaml").write_text(RULES)
        services = [self._service(name) for name in self.becomes]
        (library / "policy" / "services.yaml").write_text(json.dumps({"services": services}))
        return library

    def _service(self, name: str) -> dict[str, object]:
        facts = {"url": f"{self.url}/{name}", "targets": f"*/{name}/*"}
        return {
            "name": name, "environment": "street", "owner": "team", "tier": 1, "stateless": True,
            "facts": facts,
        }  # fmt: skip

    async def _health(self, request: web.Request) -> web.Response:
        well = self.sizes.get(request.match_info["name"], 20) >= 50
        return web.Response(status=200 if well else 503)

    async def _pool(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if request.method == "PUT":
            self.sizes[name] = (await request.json())["size"]
            self.puts.append(name)
        return web.json_response({"size": self.sizes.get(name, 20)})


@asynccontextmanager
async def opened(mends: int, asks: int, none: int) -> AsyncIterator[Street]:
    """Serve a street with so many services of each kind."""
    kinds = ["asks"] * asks + ["none"] * none + ["mends"] * mends
    street = Street({f"s{number:02}": kind for number, kind in enumerate(kinds)})
    app = web.Application()
    app.router.add_get("/{name}/healthz", street._health)
    app.router.add_get("/{name}/pool", street._pool)
    app.router.add_put("/{name}/pool", street._pool)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    street.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield street
    finally:
        await runner.cleanup()
