"""A street of many small services in this process: they break, they are healed over HTTP.

What is done to them goes into the same log of effects as the town's, with the idempotency key
that came along. A service can be stubborn, so that what is done to it does not help; slow, so
that a death can fall into the middle of a request; or broken upstream, so that it never gets well.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from aiohttp import web

from bot.clock import Clock
from bot.rehearsal.sandbox.effects import Effects

HEALTHY, SMALL = 50, 20

RUNBOOK = """
runbook: {name}
title: Widen the pool of a small service
description: Its pool is too small for its customers, so it gets a wider one.
owner: platform
approved_for: [{{service: "*", environment: demo}}]
match: {{alerts: [{alert}], when: has(service.facts.pool)}}
diagnose:
  - {{probe: http.status, as: health, with: {{url: "${{service.facts.health}}", timeout: 10s}}}}
{reads}steps:
{steps}
verify:
  probes:
    - {{probe: http.status, as: health, with: {{url: "${{service.facts.health}}", timeout: 10s}}}}
  success: health.status == 200
  within: {within}
  every: {every}
  hold: {hold}
  relapse: 5m
{rollback}
escalate: {{to: oncall, say: A wider pool was not what this service waits for.}}
safety:
  unattended: {unattended}
  attempts: [{{limit: 100, within: 1h}}]
  cool_down: 1s
  approval: {{expires: {expires}, quorum: 1}}
estimate: {{recovery: 1m}}
tests:
  - name: it is asked for
    alert: {{name: {alert}, labels: {{service: shop, environment: demo}}}}
    service: {{facts: {{pool: "http://127.0.0.1:1/pool", health: "http://127.0.0.1:1/healthz"}}}}
    evidence: {{health: {{status: 503}}}}
    expect: {{match: true}}
"""
STEP = """
  - do: http.request
    with:
      method: {method}
      url: "${{service.facts.{place}}}"
      body: {{size: {size}}}
      snapshot: {{url: "${{service.facts.{place}}}", keys: [size]}}
      rollback: {{url: "${{service.facts.{place}}}"}}
      target: {{name: "{place} of ${{service.name}}"}}
    on_uncertain: {on_uncertain}
    timeout: {timeout}
"""
READS = """  - {probe: host.journal, as: journal, with: {unit: "${service.name}"}}
"""
THEN = """    then: {success: health.status == 200, within: 8s, every: 100ms, hold: 200ms}
"""


@dataclass
class House:
    """One service: two settings, and what is the matter with it."""

    sizes: dict[str, int] = field(default_factory=lambda: {"pool": SMALL, "queue": SMALL})
    stubborn: bool = False
    before: float = 0.0
    """Seconds that a change takes before it is there."""
    after: float = 0.0
    """Seconds until the answer, once it is there."""
    needs: tuple[str, ...] = ()
    """Houses that it depends on."""

    @property
    def well(self) -> bool:
        return not self.stubborn and self.sizes["pool"] == HEALTHY


@dataclass
class Street:
    """The houses by their names, and where they stand."""

    effects: Effects
    url: str = ""
    houses: dict[str, House] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    """The marks of the recovery signals that its gateway took."""
    looked: Counter[str] = field(default_factory=Counter)
    """How often the health of each was read."""

    async def healthz(self, request: web.Request) -> web.Response:
        house = self.houses[request.match_info["name"]]
        self.looked[request.match_info["name"]] += 1
        return web.Response(status=200 if house.well else 503)

    async def read(self, request: web.Request) -> web.Response:
        house = self.houses[request.match_info["name"]]
        return web.json_response({"size": house.sizes[request.match_info["place"]]})

    async def change(self, request: web.Request) -> web.Response:
        name, place = request.match_info["name"], request.match_info["place"]
        house, wanted = self.houses[name], (await request.json())["size"]
        await asyncio.sleep(house.before)
        house.sizes[place] = wanted
        key = request.headers.get("Idempotency-Key", "")
        self.effects.write(name, 0, place, {"size": wanted, **({"key": key} if key else {})})
        await asyncio.sleep(house.after)
        return web.json_response({"size": wanted})

    async def signal(self, request: web.Request) -> web.Response:
        self.heard.append(request.headers["Idempotency-Key"])
        return web.Response(status=204)

    def facts(self, name: str) -> dict[str, str]:
        at = f"{self.url}/{name}"
        return {"pool": f"{at}/pool", "queue": f"{at}/queue", "health": f"{at}/healthz"}


@asynccontextmanager
async def opened(directory: Path, clock: Clock | None = None) -> AsyncIterator[Street]:
    """A street whose effects are those of this directory."""
    with Effects(directory / "effects.log", clock or Clock()) as effects:
        street = Street(effects)
        app = web.Application()
        app.router.add_post("/signals", street.signal)
        app.router.add_get("/{name}/healthz", street.healthz)
        app.router.add_get("/{name}/{place}", street.read)
        for method in ("PUT", "POST"):
            app.router.add_route(method, "/{name}/{place}", street.change)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        street.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield street
        finally:
            await runner.cleanup()


@dataclass(frozen=True)
class Book:
    """A runbook for the street, in the words that differ."""

    alert: str
    method: str = "POST"
    on_uncertain: str = "probe"
    places: tuple[str, ...] = ("pool",)
    unattended: bool = False
    back_after: str = ""
    within: str = "8s"
    every: str = "100ms"
    hold: str = "200ms"
    timeout: str = "10s"
    """Of each step."""
    journal: bool = False
    """Whether what the service said last is read before anything is done."""
    expires: str = "10m"
    then: bool = False
    """Whether its pool must be wide after the first step."""

    @property
    def name(self) -> str:
        return f"widen-{self.alert.lower()}"

    @property
    def text(self) -> str:
        steps = "".join(
            STEP.format(method=self.method, place=place, size=HEALTHY,
                        on_uncertain=self.on_uncertain, timeout=self.timeout).lstrip("\n")
            + (THEN if self.then and place == self.places[0] else "")
            for place in self.places
        )  # fmt: skip
        return RUNBOOK.format(
            name=self.name, alert=self.alert, steps=steps.rstrip("\n"), within=self.within,
            unattended="true\n  automation: 3" if self.unattended else "false",
            expires=self.expires, every=self.every, hold=self.hold,
            reads=READS if self.journal else "",
            rollback=f"rollback: {{after: {self.back_after}}}" if self.back_after else "",
        )  # fmt: skip


def furnish(
    directory: Path,
    street: Street,
    books: Iterable[Book],
    changed: Mapping[str, object],
    *,
    signals: bool = False,
) -> None:
    """
    Write the street's services and runbooks into the bot's library, and let it reach them.

    `changed` are the keys of the policy that are not as the town's; with `signals` its gateway is
    told what recovered.
    """
    runbooks = directory / "runbooks"
    for book in books:
        (runbooks / f"{book.name}.yaml").write_text(book.text)
    page = runbooks / "policy" / "services.yaml"
    services = yaml.safe_load(page.read_text())
    services["services"] += [
        {"name": name, "environment": "demo", "owner": "street", "tier": 1, "stateless": True,
         "depends_on": list(house.needs), "facts": street.facts(name)}
        for name, house in street.houses.items()
    ]  # fmt: skip
    page.write_text(json.dumps(services))
    rules = runbooks / "policy" / "rules.yaml"
    loose = yaml.safe_load(rules.read_text())
    loose |= {"rates": [{"per": "everything", "limit": 1000, "within": "1h"}],
              "breaker": {"failures": 1000, "within": "1h", "open_for": "1m"},
              "storm": {"above_percent": 100},
              "attempts": {"limit": 1000, "within": "1h"},
              "flapping": {"times": 20, "within": "1ms"},
              "repeat_offender": {"times": 20, "within": "1ms"}, **changed}  # fmt: skip
    rules.write_text(json.dumps(loose))
    stage = directory / "stage.json"
    told = json.loads(stage.read_text())
    told["sections"]["http"]["allowed_hosts"] += "," + street.url.removeprefix("http://")
    if signals:
        told["sections"]["recovery"] = {
            "webhook_url": f"{street.url}/signals",
            "webhook_sources": "alertmanager",
        }
    stage.write_text(json.dumps(told))


def slowed(houses: Iterable[House], seed: random.Random, most: float) -> None:
    """Give each of them its own small delays."""
    for house in houses:
        house.before, house.after = seed.uniform(0, most / 2), seed.uniform(0, most)
