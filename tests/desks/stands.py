"""The trackers, each joined to its double with one issue that somebody else opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.clients import http
from bot.clients.commands import Commands
from bot.clients.rig import Rig
from bot.plugins import Room, Toolbox
from tests.clients.rigs import TLS
from tests.desks import githubs, gitlabs, hooks, irms, jiras, jsms, pagers
from tests.desks.faults import Stand
from tests.fakes import FakeClock


class Eager(FakeClock):
    """Time passes by as much as anybody wants to sleep."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


@asynccontextmanager
async def a_rig() -> AsyncIterator[Rig]:
    async with http.open_client(TLS) as client:
        yield Rig(client, Eager(), Commands({}))


def made(name: str, settings: Mapping[str, str], rig: Rig, room: Room = "tickets") -> Any:
    """One tracker, made as the house makes it: of the texts of its settings."""
    tools = Toolbox(rig, lambda system: settings if system == name else {})
    return tools.correspondent(room, name)


def of_jira(double: jiras.JiraDouble, **more: str) -> dict[str, str]:
    told = {"url": double.url, "user": jiras.USER, "token": jiras.TOKEN, "projects": "SHOP, PAY"}
    return told | more


def of_github(double: githubs.GithubDouble, **more: str) -> dict[str, str]:
    told = {"url": double.url, "token": githubs.TOKEN, "repositories": githubs.REPOSITORY}
    return told | more


def of_gitlab(double: gitlabs.GitlabDouble, **more: str) -> dict[str, str]:
    return {"url": double.url, "token": gitlabs.TOKEN, "projects": gitlabs.PROJECT} | more


ANY = "critical,warning,info"


@asynccontextmanager
async def jira(**more: str) -> AsyncIterator[Stand]:
    async with jiras.opened() as double, a_rig() as rig:
        double.put("SHOP-1")
        double.lag = 1
        opens = {
            "open_in": "SHOP",
            "open_for": ANY,
            "problem_type": "Problem",
        } | more
        opener = made("jira", of_jira(double, **opens), rig)
        yield Stand(made("jira", of_jira(double, **more), rig), double, "SHOP-1", opener)


@asynccontextmanager
async def github(**more: str) -> AsyncIterator[Stand]:
    async with githubs.opened() as double, a_rig() as rig:
        double.put(1)
        place = {"open_in": githubs.REPOSITORY}
        opens = place | {"open_for": ANY, "problem_labels": "problem"} | more
        opener = made("github", of_github(double, **opens), rig)
        yield Stand(made("github", of_github(double, **more), rig), double, "acme/shop#1", opener)


@asynccontextmanager
async def gitlab(**more: str) -> AsyncIterator[Stand]:
    async with gitlabs.opened() as double, a_rig() as rig:
        double.put(1)
        place = {"open_in": gitlabs.PROJECT}
        opens = place | {"open_for": ANY, "problem_labels": "problem"} | more
        opener = made("gitlab", of_gitlab(double, **opens), rig)
        known = f"{gitlabs.PROJECT}#1"
        yield Stand(made("gitlab", of_gitlab(double, **more), rig), double, known, opener)


@asynccontextmanager
async def pagerduty(**more: str) -> AsyncIterator[Stand]:
    async with pagers.opened() as double, a_rig() as rig:
        double.put("PABC123")
        told = of_pagerduty(double, **more)
        paging = made("pagerduty", told, rig, room="pagers")
        opener = made("pagerduty", told | {"opens_for": "every"}, rig, room="pagers")
        yield Stand(paging, double, "PABC123", opener)


def of_pagerduty(double: pagers.PagerDutyDouble, **more: str) -> dict[str, str]:
    return {
        "url": double.url, "events_url": double.url, "token": pagers.TOKEN,
        "sender": pagers.SENDER, "routing_keys": f"*={pagers.ROUTING}", **more,
    }  # fmt: skip


@asynccontextmanager
async def irm(**more: str) -> AsyncIterator[Stand]:
    async with irms.opened() as double, a_rig() as rig:
        double.put("I68T24C13IFW1")
        told = of_irm(double, **more)
        paging = made("irm", told, rig, room="pagers")
        opener = made("irm", told | {"opens_for": "every"}, rig, room="pagers")
        yield Stand(paging, double, "I68T24C13IFW1", opener)


def of_irm(double: irms.IrmDouble, **more: str) -> dict[str, str]:
    return {"url": double.url, "token": irms.TOKEN,
            "integrations": f"*={double.url}{irms.HOOK}", **more}  # fmt: skip


@asynccontextmanager
async def jsm(**more: str) -> AsyncIterator[Stand]:
    async with jsms.opened() as double, a_rig() as rig:
        double.put("9b251e07-alert")
        told = of_jsm(double, **more)
        paging = made("jsm", told, rig, room="pagers")
        opener = made("jsm", told | {"opens_for": "every"}, rig, room="pagers")
        yield Stand(paging, double, "9b251e07-alert", opener)


def of_jsm(double: jsms.JsmDouble, **more: str) -> dict[str, str]:
    return {"url": double.url, "cloud": jsms.CLOUD, "user": jsms.USER, "token": jsms.TOKEN,
            "teams": f"*={jsms.TEAM}", **more}  # fmt: skip


@asynccontextmanager
async def hook(**more: str) -> AsyncIterator[Stand]:
    async with a_rig() as rig, hooks.opened(rig.clock) as double:
        told = {"url": double.url, "secret": hooks.SECRET, **more}
        posting = made("hook", told, rig, room="pagers")
        opener = made("hook", told | {"opens_for": "every"}, rig, room="pagers")
        yield Stand(posting, double, double.own, opener)
