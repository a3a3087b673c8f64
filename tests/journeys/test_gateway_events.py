"""A gateway posts the documents' own events to Heal's door: C1 to C10 decide what comes of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.clients.senders import SignedSettings
from bot.core.lifecycle import State
from bot.engine.receiving import Receiving
from bot.sources.flexgate import PLUGIN
from bot.store.inbox import Inbox
from bot.web.server import AlertDoor, Server
from tests import builders
from tests.clients import servers
from tests.engine.houses import WAITING
from tests.journeys import gateways
from tests.journeys.gateways import Scene

TOKEN = "a long random text"
PAYLOADS = Path(__file__).parents[1] / "sources" / "payloads"
SETTINGS = SignedSettings(token=SecretStr(TOKEN), add=("service=shop", "environment=staging"))
"""The documents' events say no service; the operator says which one the gateway stands before."""


class Gateway:
    """The real door of a house that heals a real gate, and who posts to it."""

    def __init__(self, scene: Scene, port: int) -> None:
        self.scene = scene
        self._url = f"http://127.0.0.1:{port}/alerts/flexgate"

    async def post(self, body: bytes, token: str = TOKEN) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.scene.client.post(self._url, content=body, headers=headers)
        return answer.status_code, answer.json()

    async def tell(self, event: dict[str, Any]) -> None:
        """Post it and see that it is taken."""
        assert (await self.post(json.dumps(event).encode()))[0] == 202


def event(what: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((PAYLOADS / f"flexgate_{what}.json").read_bytes())
    return told


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateways.a_scene(tmp_path, gateway=True) as scene:
        house = scene.house
        receiving = Receiving(
            house.world, await Inbox.open(house.writer), house.intake.take,
            {"flexgate": PLUGIN(SETTINGS)},
        )  # fmt: skip
        work = house.tasks.start(receiving.work(), name="alerts")
        server = await Server(AlertDoor(receiving.receive), None, _ready).open("127.0.0.1", 0)
        try:
            yield Gateway(scene, server.port)
        finally:
            await server.close()
            work.cancel()


async def _ready() -> str:
    return ""


async def test_a_failing_upstream_is_cut_off_unattended_and_its_recovery_ends_the_alert(
    gateway: Gateway,
) -> None:
    scene = gateway.scene
    await scene.town.break_("shop", "upstream")
    await scene.buy(5)
    told = (PAYLOADS / "flexgate_circuit_breaker_candidate.json").read_bytes()
    answers = [await gateway.post(told), await gateway.post(told)]
    healed = await scene.until(State.HEALED, State.ESCALATED, WAITING)
    opened = await scene.told("breaker")
    await gateway.tell(event("recovery_signal"))
    while scene.house.incident.fires:
        await scene.house.turn()
    await scene.town.mend("shop")
    back = await scene.until(State.REVERTED, State.ESCALATED)

    assert answers == [(202, {"accepted": 1}), (202, {"accepted": 0, "duplicate": True})]
    assert healed.state is State.HEALED
    assert (healed.asked, len(healed.alerts)) == (None, 1)
    assert healed.chosen is not None
    assert healed.chosen.runbook == "open-circuit-breaker"
    assert opened == {"state": "open", "open_for_s": 60, "half_open_requests": 3}
    assert (back.state, (await scene.told("breaker"))["state"]) == (State.REVERTED, "closed")


@pytest.mark.parametrize(
    ("what", "changes", "why"),
    [
        ("circuit_breaker_candidate", {"data": {"errorRate": 49}}, "when does not hold"),
        ("circuit_breaker_candidate", {"confidence": 0.84}, "confidence is 0.84, below 0.85"),
        ("circuit_breaker_candidate", {"confidence": None}, "confidence is 0, below 0.85"),
        ("rate_limit_breach", {"confidence": 0.74}, "confidence is 0.74, below 0.75"),
        ("rate_limit_breach", {"context": {"trafficType": "GROWTH"}}, "when does not hold"),
        ("upstream_degradation", {"severity": "WARNING"}, "severity is warning, not critical"),
        ("error_rate_spike", {"context": {"errorCategory": "4xx"}}, "when does not hold"),
        ("capacity_warning", {"data": {"resourceType": "CPU"}}, "when does not hold"),
    ],
)
async def test_what_no_runbook_is_meant_for_is_left_to_a_person(
    gateway: Gateway, what: str, changes: dict[str, Any], why: str
) -> None:
    told = event(what)
    for name, said in changes.items():
        told[name] = {**told[name], **said} if isinstance(said, dict) else said
    await gateway.tell(told)
    known = await gateway.scene.until(State.ESCALATED, State.HEALED, WAITING)

    assert (known.state, known.ran) == (State.ESCALATED, False)
    assert known.chosen is not None
    assert known.chosen.runbook == ""
    assert why in " ".join(miss.reason for miss in known.chosen.misses)


@pytest.mark.parametrize("confidence", [0.75, 0.8])
async def test_an_abusive_client_is_limited_as_soon_as_its_runbook_is_sure_enough(
    gateway: Gateway, confidence: float
) -> None:
    await gateway.scene.buy(101, "bob")
    await gateway.tell({**event("rate_limit_breach"), "confidence": confidence})
    known = await gateway.scene.until(State.HEALED, State.ESCALATED, WAITING)

    assert known.state is State.HEALED
    limit = await gateway.scene.told("limit")
    assert limit == {"client": "bob", "limit": 100, "window_s": 60, "for_s": 1800}


async def test_a_failover_is_asked_for_and_withdrawn_when_the_gateway_says_it_is_over(
    gateway: Gateway,
) -> None:
    await gateway.scene.town.break_("shop", "upstream")
    told = event("upstream_degradation")
    await gateway.tell(told)
    asked = await gateway.scene.until(WAITING, State.HEALED, State.ESCALATED)
    over = event("recovery_signal")
    over["context"] = {**told["context"], "recovers": "UPSTREAM_DEGRADATION"}
    await gateway.tell(over)
    known = await gateway.scene.until(State.WITHDRAWN, State.HEALED, State.ESCALATED)

    assert asked.state is WAITING
    assert asked.plan is not None
    assert "spare" in str(asked.plan.steps[0].params)  # of the catalogue, not the event's eu-2
    assert "eu-2" not in str(asked.plan.steps[0].params)
    assert (known.state, known.ran) == (State.WITHDRAWN, False)


async def test_no_address_of_an_event_is_ever_asked(gateway: Gateway) -> None:
    await gateway.scene.town.break_("shop", "upstream")
    await gateway.scene.buy(5)
    told = event("circuit_breaker_candidate")
    async with servers.recorder() as elsewhere:
        for name in ("breaker_url", "upstream_url", "url", "host"):
            told["data"][name] = elsewhere.url("/")
        await gateway.tell(told)
        known = await gateway.scene.until(State.HEALED, State.ESCALATED, WAITING)

        assert known.state is State.HEALED
        assert elsewhere.seen == []
    assert (await gateway.scene.told("breaker"))["state"] == "open"


CLUSTER = {
    "redis": "cache", "cluster": "stage", "namespace": "shop", "workload": "api-gateway",
    "container": "app", "pool_variable": "DB_POOL_SIZE", "latency_query": "shop_latency",
    "latency_limit": "100", "memory_query": "shop_memory_share",
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "runbook"),
    [
        ("latency_anomaly", "scale-database-connections"),
        ("error_rate_spike", "clear-stale-cache"),
        ("capacity_warning", "restart-pod-memory-leak"),
    ],
)
async def test_the_documents_other_events_lead_to_the_runbooks_of_the_documents(
    gateway: Gateway, what: str, runbook: str
) -> None:
    """Their systems are not there, so no more than the choice can happen: a person is called."""
    house = gateway.scene.house
    [shop] = house.library.services
    known = shop.model_copy(update={"facts": {**shop.facts, **CLUSTER}})
    house.library = builders.a_library(
        *house.library.runbooks, services=(known,), rulebook=gateways.UNHURRIED
    )
    await gateway.tell(event(what))
    ended = await gateway.scene.until(State.ESCALATED, State.HEALED, WAITING)

    assert (ended.state, ended.ran) == (State.ESCALATED, False)
    assert ended.chosen is not None
    assert ended.chosen.runbook == runbook


async def test_a_stranger_is_not_heard(gateway: Gateway) -> None:
    status, said = await gateway.post(json.dumps(event("latency_anomaly")).encode(), "guess")

    assert (status, gateway.scene.house.cases.recent(1)) == (401, [])
    assert "not authentic" in said["error"]


async def test_what_is_no_event_is_refused_by_its_place(gateway: Gateway) -> None:
    told = {**event("latency_anomaly"), "severity": "SEV1"}

    status, said = await gateway.post(json.dumps(told).encode())

    assert (status, "'severity'" in said["error"]) == (422, True)
