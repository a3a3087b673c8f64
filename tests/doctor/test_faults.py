"""What can be wrong before the night: each fault is sown into a sound house, and found."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from bot.clock import Clock
from bot.core.extracts import Stated
from bot.core.facts import Opened, PolicyRefused
from bot.core.transcript import Draft
from bot.doctor import ledger as ledger_checks
from bot.doctor.finding import State
from bot.rehearsal.workspace import Group
from bot.store import extract, reading, verifying
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from tests import builders
from tests.doctor.bodies import Body, examined, healthy, listening

RULES, SERVICES = "policy/rules.yaml", "policy/services.yaml"
SHUT = "http://127.0.0.1:1"
"""Where nothing listens."""


class Fault(NamedTuple):
    """What is hurt, and the finding that must name it: its check, how bad, what to do."""

    hurt: Callable[[Body], object]
    check: str
    state: State
    remedy: str


def given(**settings: object) -> Callable[[Body], object]:
    return lambda body: body.settings.update(settings)


def told(**variables: str) -> Callable[[Body], object]:
    return lambda body: body.environment.update(variables)


def half_told(body: Body) -> None:
    body.environment.pop("HEAL_ALERTMANAGER_TOKEN")
    body.environment["HEAL_ALERTMANAGER_WEBHOOK_ADD"] = "environment=prod"


def untold(name: str) -> Callable[[Body], object]:
    return lambda body: body.environment.pop(name)


def without(scope: str) -> Callable[[Body], object]:
    def hurt(body: Body) -> None:
        body.app = replace(body.app, scopes=body.app.scopes - {scope})

    return hurt


def library(place: str, old: str, new: str) -> Callable[[Body], object]:
    return lambda body: body.write(place, old, new)


def group(handle: str, *members: str) -> Callable[[Body], object]:
    def hurt(body: Body) -> None:
        others = tuple(one for one in body.groups if one.handle != handle)
        body.groups = (*others, Group(f"S0{handle.upper()}", handle, members))

    return hurt


def owned_by_whom_the_level_wants(body: Body) -> None:
    body.write(RULES, "high: {groups: [approvers]}",
               "high: {groups: [approvers], from_each: [a]}\n"
               "roles: {a: {people: [U0ANA]}, b: {people: [U0ANA]}}")  # fmt: skip
    place = body.directory / "runbooks" / SERVICES
    services = yaml.safe_load(place.read_text())
    services["services"][0]["approvers"] = {"high": ["b"]}
    place.write_text(yaml.safe_dump(services, sort_keys=False))


def http_mode(secret: str) -> Callable[[Body], object]:
    return given(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=secret)


def not_invited(body: Body, channel: str = "#alerts") -> None:
    body.settings["SLACK_RECOVERY_CHANNEL"] = channel
    body.rooms = tuple(replace(one, bot_inside=False) for one in body.rooms)


def wrong_clock(seconds: float) -> Callable[[Body], object]:
    def hurt(body: Body) -> None:
        body.off = seconds

    return hurt


def no_detectors(body: Body) -> None:
    for path in (body.directory / "runbooks" / "detectors").iterdir():
        path.unlink()
    body.environment.pop("HEAL_ALERTMANAGER_TOKEN")


def not_allowed(body: Body) -> None:
    """The page that a detector asks for is on a host that nobody listed."""
    services = body.directory / "runbooks" / SERVICES
    services.write_text(re.sub(r"127\.0\.0\.1:\d+/", "127.0.0.1:1/", services.read_text()))


def broken_systemctl(body: Body) -> None:
    Path(body.environment["HEAL_HOST_SYSTEMCTL"]).write_text("#!/bin/sh\necho no bus >&2; exit 1\n")


def not_taken(body: Body) -> None:
    problems = ("rules.yaml:1: mend it",)
    fact = PolicyRefused(name="n", keeps="a" * 64, problems=problems, count=1)

    async def write() -> None:
        writer = await Writer.open(body.ledger)
        await Ledger(writer).append(
            Draft(at=Clock().now(), incident="", actor="heal", kind=fact.kind, key="n",
                  body=fact.body)
        )  # fmt: skip
        await writer.close()

    asyncio.run(write())


def a_ledger(body: Body, *, workflow: str = "heal-1") -> None:
    alert = builders.an_alert()
    fact = Opened(
        alert=alert, workflow=workflow, title="shop is down", service="shop", environment="demo"
    )

    async def write() -> None:
        writer = await Writer.open(body.ledger)
        for number in (1, 2):
            await Ledger(writer).append(
                Draft(at=builders.START, incident=f"inc-{number}", actor="heal", kind=fact.kind,
                      key=str(number), body=fact.body)
            )  # fmt: skip
        await writer.close()

    asyncio.run(write())


def tampered(body: Body) -> None:
    a_ledger(body)
    with closing(sqlite3.connect(body.ledger)) as conn, conn:
        conn.execute("drop trigger entry_is_never_changed")
        conn.execute("update entry set actor = 'nobody' where seq = 1")


def only_an_extract(body: Body) -> None:
    a_ledger(body)
    with reading.opened(body.ledger) as conn:
        head = verifying.verify(body.ledger).head
        extract.write(body.directory / "part.db", list(reading.rows(conn))[1:],
                      Stated("now", "one", 0, head))  # fmt: skip
    body.settings["HEAL_LEDGER"] = body.directory / "part.db"


def no_database(body: Body) -> None:
    body.ledger.write_bytes(b"not a database, " * 500)


def no_folder(body: Body) -> None:
    (body.directory / "file").touch()
    body.settings["HEAL_LEDGER"] = body.directory / "file" / "heal.db"


OK, WARNING, FAILED = State
FAULTS = {
    "no bot token": Fault(
        given(SLACK_BOT_TOKEN=""), "SLACK_BOT_TOKEN", FAILED, "deploy/slack/README.md"
    ),
    "a bot token with a line break": Fault(
        given(SLACK_BOT_TOKEN="xoxb-local\n"), "SLACK_BOT_TOKEN", FAILED, "without spaces"
    ),
    "the app token in the bot token's place": Fault(
        given(SLACK_BOT_TOKEN="xapp-local"), "SLACK_BOT_TOKEN", FAILED, "OAuth & Permissions"
    ),
    "a bot token of another workspace": Fault(
        given(SLACK_BOT_TOKEN="xoxb-other"), "Slack", FAILED, "OAuth & Permissions"
    ),
    "neither app token nor signing secret": Fault(
        http_mode(""), "SLACK_APP_TOKEN", FAILED, "connections:write"
    ),
    "an app token that was revoked": Fault(
        given(SLACK_APP_TOKEN="xapp-old"), "Socket Mode", FAILED, "connections:write"
    ),
    "something else as the signing secret": Fault(
        http_mode("hunter2"), "SLACK_SIGNING_SECRET", WARNING, "Signing Secret"
    ),
    "Slack cannot be reached": Fault(
        given(SLACK_API_URL=f"{SHUT}/api/"), "Slack", FAILED, "port 443"
    ),
    "no scope to post": Fault(
        without("chat:write"), "scopes: cards, answers and their edits", FAILED, "manifest.yaml"
    ),
    "no scope for reactions": Fault(
        without("reactions:read"), "scopes: approval by reaction", WARNING, "manifest.yaml"
    ),
    "no scope for files": Fault(
        without("files:write"), "scopes: the transcript as a file", WARNING, "manifest.yaml"
    ),
    "no scope for user groups": Fault(
        without("usergroups:read"), "scopes: approval by the members of a group", FAILED,
        "install the app again",
    ),
    "no scope for mentions": Fault(
        without("app_mentions:read"), "scopes: orders in threads, by mention", WARNING, "manifest"
    ),
    "a channel that is not there": Fault(
        given(SLACK_RECOVERY_CHANNEL="#alertz"), "SLACK_RECOVERY_CHANNEL", FAILED, "/invite @heal"
    ),
    "a channel without Heal": Fault(
        not_invited, "SLACK_RECOVERY_CHANNEL", FAILED, "/invite @heal"
    ),
    "a channel without Heal, named by its id": Fault(
        lambda body: not_invited(body, "C0ALERTS"), "SLACK_RECOVERY_CHANNEL", FAILED,
        "write in #alerts: /invite @heal",
    ),
    "a user group that is not there": Fault(
        library(RULES, "high: {groups: [approvers]}", "high: {groups: [sre-lead]}"),
        "approvers of high risk", FAILED, "make it in Slack",
    ),
    "a role of nobody": Fault(
        library(RULES, "approvers:\n", "roles: {sre: {groups: [oncal]}}\napprovers:\n"),
        "role sre", FAILED, "policy/rules.yaml:2: what demands somebody of it is refused",
    ),
    "a rota on which nobody is on call yet": Fault(
        library(RULES, "high: {groups: [approvers]}",
                "high: {roles: [sre]}\nroles: {sre: {schedules: ['rota:sre']}}\n"
                "rotas: {sre: {people: [U0ANA], zone: UTC, first: 2999-01-01}}"),
        "approvers of high risk", FAILED, "put people",
    ),
    "a user group of nobody": Fault(
        group("approvers"), "approvers of low risk", FAILED, "put people"
    ),
    "operators who are nobody, beside approvers of high risk": Fault(
        library(RULES, "operators: {groups: [oncall]}", "operators: {groups: [on-call]}"),
        "operators", FAILED, "mend it in policy/rules.yaml",
    ),
    "an approver who has left": Fault(
        library(RULES, "medium: {groups: [approvers]}",
                "medium: {groups: [approvers], people: [U0GONE]}"),
        "approvers of medium risk", WARNING, "name others there",
    ),
    "a quorum of more people than there are": Fault(
        library(RULES, "high: {groups: [approvers]}", "high: {groups: [approvers], quorum: 3}"),
        "approvers of high risk", WARNING, "put people into the groups",
    ),
    "two roles of one and the same person": Fault(
        library(RULES, "high: {groups: [approvers]}",
                "high: {groups: [approvers], from_each: [a, b]}\n"
                "roles: {a: {people: [U0ANA]}, b: {people: [U0ANA]}}"),
        "approvers of high risk", WARNING, "put people into the groups",
    ),
    "owners who are nobody beside the one whom the level wants": Fault(
        owned_by_whom_the_level_wants, "approvers of high risk for shop in demo", WARNING,
        "put people into the groups",
    ),
    "a freeze for a service that is not there": Fault(
        library(RULES, "operators: {groups: [oncall]}",
                "operators: {groups: [oncall]}\nfreezes: [{name: x, services: [shpo], "
                "starts: 2020-01-01T00:00Z, ends: 2099-01-01T00:00Z}]"),
        "policy", WARNING, "mend that line",
    ),
    "a policy on disk that a running Heal did not take": Fault(
        not_taken, "policy in force", FAILED, "mend what is told"
    ),
    "a clock ten minutes ahead": Fault(wrong_clock(600), "clock", FAILED, "NTP"),
    "a clock a minute behind": Fault(wrong_clock(-60), "clock", WARNING, "NTP"),
    "no folder of runbooks": Fault(
        given(HEAL_RUNBOOKS="nowhere"), "runbooks", FAILED, "point HEAL_RUNBOOKS"
    ),
    "a runbook with a slip": Fault(
        library("restart-dead-service.yaml", "title:", "titel:"), "runbooks", FAILED, "mend that"
    ),
    "a service that nobody listed": Fault(
        lambda body: (body.directory / "runbooks" / SERVICES).write_text("services: []\n"),
        "runbooks", FAILED, "mend that line",
    ),
    "a runbook with nowhere to run": Fault(
        library("raise-connection-pool.yaml", "environment: demo", "environment: nowhere"),
        "runbook raise-connection-pool", WARNING, "approved_for",
    ),
    "no address of Prometheus": Fault(
        untold("HEAL_PROMETHEUS_URL"), "prometheus.query", FAILED, "where Prometheus is"
    ),
    "Prometheus is down": Fault(
        told(HEAL_PROMETHEUS_URL=SHUT), f"prometheus {SHUT}", FAILED, "start it"
    ),
    "a Redis that is down": Fault(
        told(HEAL_REDIS_URL_CACHE="redis://127.0.0.1:1"), "redis cache", WARNING, "start it"
    ),
    "no host may be asked": Fault(
        untold("HEAL_HTTP_ALLOWED_HOSTS"), "HEAL_HTTP_ALLOWED_HOSTS", FAILED, "list the hosts"
    ),
    "a host that is down": Fault(
        told(HEAL_HTTP_ALLOWED_HOSTS="127.0.0.1:1"), "http 127.0.0.1:1", WARNING, "whether it is up"
    ),
    "a secret that a runbook names": Fault(
        library("raise-connection-pool.yaml", "method: PUT", "method: PUT\n      secret: pools"),
        "HEAL_HTTP_SECRET_POOLS", FAILED, "set it",
    ),
    "no systemctl": Fault(
        told(HEAL_HOST_SYSTEMCTL="sistemctl"), "systemctl", FAILED, "set HEAL_HOST_SYSTEMCTL"
    ),
    "a systemctl without systemd": Fault(
        broken_systemctl, "systemctl", FAILED, "set HEAL_HOST_SYSTEMCTL"
    ),
    "a detector that may not ask": Fault(
        not_allowed, "detector shop-down at shop in demo", WARNING, "heal runbooks look"
    ),
    "nothing that raises alerts": Fault(
        no_detectors, "alerts", WARNING, "HEAL_ALERTMANAGER_WEBHOOK_TOKEN"
    ),
    "a secret of alerts that can be guessed": Fault(
        told(HEAL_ALERTMANAGER_WEBHOOK_TOKEN="heal"), "alerts from alertmanager", WARNING,
        "16 signs",
    ),
    "settings of a source without a secret": Fault(
        half_told, "alerts from alertmanager", FAILED, "HEAL_ALERTMANAGER_WEBHOOK_TOKEN"
    ),
    "a secret in a file that cannot be read": Fault(
        told(HEAL_ALERTMANAGER_WEBHOOK_TOKEN_FILE="/nowhere/token"), "alerts from alertmanager",
        FAILED, "cannot be read",
    ),
    "a setting of a plug-in with a slip": Fault(
        told(HEAL_HOST_PROTECTD="ssh"), "host.process", FAILED, "HEAL_HOST_PROTECTED"
    ),
    "a variable with a slip": Fault(
        told(HEAL_LEGDER="x.db"), "HEAL_LEGDER", WARNING, "rename it to HEAL_LEDGER"
    ),
    "a package that is not installed": Fault(
        given(HEAL_PLUGINS="heal-of-nobody"), "HEAL_PLUGINS", FAILED, "install the package"
    ),
    "a ledger that somebody changed": Fault(tampered, "ledger", FAILED, "keep the file"),
    "a ledger that is no database": Fault(no_database, "ledger", FAILED, "last good copy"),
    "an extract as the ledger": Fault(only_an_extract, "ledger", FAILED, "the ledger itself"),
    "no folder for records": Fault(
        given(HEAL_INCIDENT_RECORDS="/nowhere"), "HEAL_INCIDENT_RECORDS", FAILED, "make it"
    ),
    "a ledger with no folder": Fault(no_folder, "ledger folder", FAILED, "HEAL_LEDGER"),
    "an incident that another version began": Fault(
        lambda body: a_ledger(body, workflow="heal-0"), "incidents", WARNING, "the older version"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_with_its_remedy(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]

    async def examine() -> list[tuple[str, State, str]]:
        async with listening() as port:
            body = healthy(tmp_path, port)
            await asyncio.to_thread(fault.hurt, body)
            return [(one.name, one.state, one.remedy) for one in await examined(body)]

    found = asyncio.run(examine())

    assert [
        remedy
        for check, state, remedy in found
        if (check, state) == (fault.check, fault.state) and fault.remedy in remedy
    ], [one for one in found if one[1] is not State.OK]


def test_a_sound_house_has_nothing_to_mend(tmp_path: Path) -> None:
    async def examine() -> list[str]:
        async with listening() as port:
            found = await examined(healthy(tmp_path, port))
        assert len(found) >= 25
        return [f"{one.name}: {one.found}" for one in found if one.state is not State.OK]

    assert asyncio.run(examine()) == []
    assert not (tmp_path / "heal.db").exists()


async def test_prometheus_that_is_not_ready_is_no_prometheus(tmp_path: Path) -> None:
    async with listening() as port, listening(503) as not_ready:
        body = healthy(tmp_path, port)
        body.environment["HEAL_PROMETHEUS_URL"] = f"http://127.0.0.1:{not_ready}"
        found = {one.name: one for one in await examined(body)}

    assert "answers 503" in found[f"prometheus http://127.0.0.1:{not_ready}"].found


async def test_a_port_that_somebody_has_is_named(tmp_path: Path) -> None:
    async with listening() as port:
        body = healthy(tmp_path, port)
        body.settings["SLACK_PORT"] = port
        (found,) = (one for one in await examined(body) if one.name == "port")

    assert found.state is State.FAILED
    assert "set HEAL_LISTEN and SLACK_PORT" in found.remedy


async def test_a_running_heal_is_nothing_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with listening() as port:
            body = healthy(tmp_path, port)
            body.settings["SLACK_PORT"] = taken.getsockname()[1]
            writer = await Writer.open(body.ledger)
            found = await examined(body)
            await writer.close()

    assert {one.state for one in found} == {State.OK}
    assert any("in use by a running Heal" in one.found for one in found)


async def test_a_disk_that_is_nearly_full_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_checks, "LEAST", 1 << 80)
    async with listening() as port:
        (found,) = (
            one for one in await examined(healthy(tmp_path, port)) if one.name == "ledger folder"
        )

    assert found.state is State.FAILED
    assert "make room" in found.remedy
