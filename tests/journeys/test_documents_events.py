"""
The test events of the AOF tutorial, as its curl calls post them: what policy and catalogue decide.

Both say `urgency: high`. That one of them is critical, and asks, stands in the catalogue; that the
other runs by itself, in the policy. Nothing in a title or a field decides it.

The cluster is the fake one, whose pods use no memory: a template without the date of a restart
stands for pods that are in trouble.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.settings import Kind, OnWorkload
from bot.clients.kubernetes.writing import MARK
from bot.core.alert import Severity
from bot.core.lifecycle import State
from tests.cluster import objects
from tests.cluster.fake.plane import FakePlane, a_fake
from tests.cluster.fixtures import seen_by
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space
from tests.desks import pagers
from tests.desks.stands import of_pagerduty
from tests.journeys import scenes
from tests.journeys.scenes import Scene

PAYLOADS = Path(__file__).parents[1] / "sources" / "payloads"
TEST001 = (PAYLOADS / "pagerduty_test001.json").read_bytes()
TEST002 = (PAYLOADS / "pagerduty_test002.json").read_bytes()
TOKEN = "token-of-the-tutorial"
PLACE = "production"
WEBHOOK = {
    "webhook_token": TOKEN,
    "webhook_services": "api/production=API Service,postgres/production=PostgreSQL",
}
API = OnWorkload(cluster=CONTEXT, namespace=PLACE, name="api")
POSTGRES = OnWorkload(cluster=CONTEXT, namespace=PLACE, kind=Kind.STATEFUL_SET, name="postgres")

RULES = """
approvers:
  low: {groups: [approvers]}
  medium: {groups: [approvers]}
  high: {groups: [approvers]}
operators: {groups: [oncall]}
severities:
  labels: [severity, urgency]
  words: {high: warning}
"""
PREAPPROVED = """
production:
  preapproved: [{runbook: restart-hungry-api, service: api}]
"""
RUNBOOK = """
runbook: {name}
title: Restart the workload of an incident
description: New pods take the place of the old ones, one after the other, which buys some time.
owner: platform
approved_for: [{{service: "{service}", environment: production}}]
match:
  alerts: ["{title}"]
  when: >-
    alert.labels.namespace == service.facts.namespace
    && alert.labels.workload == service.facts.workload
steps:
  - do: kubernetes.restart
    with: {{cluster: {cluster}, namespace: production, kind: {kind}, name: {workload}}}
    timeout: 1m
verify:
  probes:
    - probe: kubernetes.rollout
      as: rollout
      with: {{cluster: {cluster}, namespace: production, kind: {kind}, name: {workload}}}
    - probe: kubernetes.condition
      as: pods
      with:
        cluster: {cluster}
        namespace: production
        group: apps
        kind: {group}
        name: {workload}
        holds: has(object.spec.template.metadata.annotations)
  success: pods.holds && rollout.done && rollout.ready >= rollout.desired
  within: 30s
  every: 100ms
  hold: 300ms
escalate: {{to: oncall, say: New pods did not help so look at what they use and at their log.}}
safety: {{unattended: true}}
estimate: {{recovery: 1m, cost: none}}
"""


@dataclass
class Production:
    """A bot whose catalogue has the two workloads that the events speak of."""

    scene: Scene
    space: Space
    plane: FakePlane

    async def begin(self, rules: str = RULES) -> None:
        books = self.scene.directory / "runbooks"
        (books / "policy" / "rules.yaml").write_text(rules)
        await self.scene.start()
        await self.scene.ready()

    async def post(self, body: bytes, token: str = TOKEN, method: str = "POST") -> int:
        """As the tutorial's curl does it; the status."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.request(
                method,
                f"http://127.0.0.1:{self.scene.port}/pagerduty/webhook",
                content=body,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )
        return answer.status_code

    async def mark(self, which: OnWorkload) -> str:
        """The step that Heal left on a workload; empty when it never touched it."""
        found = await self.space.read(which)
        return str(found["metadata"].get("annotations", {}).get(MARK, ""))

    async def pods(self) -> set[str]:
        listed = await self.space.admin.get(f"/api/v1/namespaces/{PLACE}/pods")
        return {selecting.name(one) for one in listed["items"]}


@pytest.fixture
async def production(tmp_path: Path) -> AsyncIterator[Production]:
    with a_fake(tmp_path) as plane:
        space = Space(Cluster(CONTEXT, seen_by(plane, "admin")), PLACE)
        await space.open()
        async with scenes.opened(tmp_path) as scene:
            furnish(scene, plane)
            yield Production(scene, space, plane)


def furnish(scene: Scene, plane: FakePlane) -> None:
    books = scene.directory / "runbooks"
    for path in books.glob("*.yaml"):
        path.unlink()
    for name, workload, group, title in (
        ("restart-hungry-api", "api", "Deployment", "High memory usage on api-deployment"),
        ("restart-dead-database", "postgres", "StatefulSet",
         "Database cluster down - all replicas failing"),
    ):  # fmt: skip
        told = RUNBOOK.format(
            name=name, service=workload, kind=group.lower(), group=group, workload=workload,
            title=title, cluster=CONTEXT,
        )  # fmt: skip
        (books / f"{name}.yaml").write_text(told)
    place = {"cluster": CONTEXT, "namespace": PLACE}
    services: list[dict[str, object]] = [
        {
            "name": "api", "environment": PLACE, "owner": "team-api", "tier": 2,
            "stateless": True, "facts": {**place, "workload": "api"},
        },
        {
            "name": "postgres", "environment": PLACE, "owner": "team-data", "tier": 5,
            "stateless": False, "least_severity": "critical",
            "facts": {**place, "workload": "postgres", "workload_kind": "statefulset"},
        },
    ]  # fmt: skip
    (books / "policy" / "services.yaml").write_text(json.dumps({"services": services}))
    told_ = scene.directory / "stage.json"
    known = json.loads(told_.read_text())
    known["sections"] |= {
        "kubernetes": {
            "kubeconfig": str(plane.kubeconfig("heal")), "contexts": CONTEXT, "namespaces": PLACE,
        },
        "pagerduty": WEBHOOK,
    }  # fmt: skip
    told_.write_text(json.dumps(known))


async def test_the_first_event_restarts_a_preapproved_workload_by_itself(
    production: Production,
) -> None:
    await production.space.deployment("api", 3)
    before = await production.pods()
    await production.begin(RULES + PREAPPROVED)

    assert await production.post(TEST001) == 202
    healed = await production.scene.reached(State.HEALED, State.ESCALATED, State.AWAITING_APPROVAL)

    assert healed.state is State.HEALED, production.scene.log()[-3000:]
    assert healed.decided is None
    assert healed.severity is Severity.WARNING
    assert (await production.mark(API)).startswith(healed.id)
    assert not before & await production.pods()
    assert len(await production.pods()) == 3


async def test_r128_its_incident_hears_every_step_and_is_closed_after_the_proof(
    production: Production,
) -> None:
    await production.space.deployment("api", 3)
    async with pagers.opened() as double:
        double.put("TEST001")
        production.scene.tell(pagerduty=WEBHOOK | of_pagerduty(double))
        await production.begin(RULES + PREAPPROVED)
        assert await production.post(TEST001) == 202
        healed = await production.scene.reached(State.HEALED, State.ESCALATED)
        await production.scene.until(lambda: double.resolved("TEST001"))
        await production.scene.until(lambda: production.scene.card("Verified"))
        marks = [note.rpartition("heal:")[2] for note in double.notes("TEST001")]

    assert healed.state is State.HEALED, production.scene.log()[-3000:]
    [closed] = double.changes
    assert (closed["id"], closed["status"]) == ("TEST001", "resolved")
    assert "verified" in closed["resolution"]
    assert "after: rollout" in closed["resolution"]
    assert marks == sorted({*marks}, key=lambda mark: int(mark.partition(".")[2]))
    assert {mark.partition(".")[0] for mark in marks} == {healed.id}
    titles = " ".join(note.partition("\n")[0] for note in double.notes("TEST001"))
    assert "evidence was read" in titles
    assert "step 1 done" in titles
    assert [one["incident_key"] for one in double.incidents.values()] == [""]


async def test_it_is_asked_for_in_production_where_nobody_preapproved_it(
    production: Production,
) -> None:
    await production.space.deployment("api", 3)
    await production.begin()

    assert await production.post(TEST001) == 202
    asked = await production.scene.reached(State.HEALED, State.ESCALATED, State.AWAITING_APPROVAL)

    assert asked.state is State.AWAITING_APPROVAL, production.scene.log()[-3000:]
    await production.scene.until(lambda: production.scene.card("is not pre-approved for api"))
    assert await production.mark(API) == ""


async def test_the_second_event_is_critical_by_the_catalogue_and_waits_for_a_persons_click(
    production: Production,
) -> None:
    await objects.stateful_set(production.space, "postgres", 3)
    await production.begin(RULES + PREAPPROVED)
    scene = production.scene

    assert await production.post(TEST002) == 202
    asked = await scene.reached(State.HEALED, State.ESCALATED, State.AWAITING_APPROVAL)

    assert asked.state is State.AWAITING_APPROVAL, scene.log()[-3000:]
    assert asked.severity is Severity.CRITICAL
    await scene.until(lambda: scene.card("approve_recovery"))
    card = scene.card("approve_recovery")
    assert "critical asks: the incident is critical" in scene.shown(card)
    assert "may approve" in scene.shown(card)
    await scene.until(
        lambda: "approval needed until" in str(scene.workspace.thread("alerts", card))
    )
    reaction = scene.workspace.react("andre", "alerts", card, "white_check_mark")

    assert "high risk" in (await scene.answer("andre", reaction)).lower()
    assert await production.mark(POSTGRES) == ""
    assert scene.incidents()[-1].state is State.AWAITING_APPROVAL

    await scene.press("approve_recovery")
    healed = await scene.reached(State.HEALED, State.ESCALATED)

    assert healed.state is State.HEALED, scene.log()[-3000:]
    assert healed.decided is not None
    assert healed.decided.by == ("U0ANDRE",)
    assert (await production.mark(POSTGRES)).startswith(healed.id)


@pytest.mark.parametrize("said", [b'"namespace": "default",', b""])
async def test_an_event_without_the_catalogues_own_namespace_touches_nothing(
    production: Production, said: bytes
) -> None:
    await production.space.deployment("api", 3)
    await production.begin(RULES + PREAPPROVED)

    assert await production.post(TEST001.replace(b'"namespace": "production",', said)) == 202
    known = await production.scene.reached(State.HEALED, State.ESCALATED, State.AWAITING_APPROVAL)

    assert known.state is State.ESCALATED, production.scene.log()[-3000:]
    assert await production.mark(API) == ""


async def test_the_address_takes_only_posts_with_the_token(production: Production) -> None:
    await production.begin()

    assert await production.post(TEST001, token="guess") == 401
    assert await production.post(TEST001, method="GET") == 405
    assert production.scene.incidents() == []
