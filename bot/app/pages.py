"""The pages for people in a browser, as the settings want them: none unless they say where."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.app import sections
from bot.clients.openid import OpenId, origin_of
from bot.core import links
from bot.core.errors import ConfigurationError, HealError, PermanentError
from bot.core.exhibit import Exhibit
from bot.core.links import Links
from bot.plugins import Sections
from bot.settings import Settings
from bot.slack.awaiting import AwaitedRoom
from bot.store.lookup import Lookup
from bot.store.register import Register
from bot.web.pages.gate import Gate
from bot.web.pages.reports import RENEWED, Reports
from bot.web.pages.settings import PagesSettings, PublicSettings
from bot.web.pages.site import Site
from bot.web.peers import Peers

if TYPE_CHECKING:
    from bot.app.house import House

OFTEN = timedelta(seconds=5)
"""How often the list of runs is brought up to the ledger; a page does the rest."""
RECENT = 60.0
"""Seconds that an answer about a group serves."""
BACK = "/sign-in/back"
log = logging.getLogger(__name__)


class Admitted:
    """Answers the pages' Members from Slack."""

    def __init__(self, slack: AwaitedRoom, groups: Sequence[str]) -> None:
        self._slack = slack
        self._groups = groups

    async def why_not(self, user: str) -> str:
        if not await self._slack.counts(user):
            return "guests, bots and people who left see no pages"
        if self._groups:
            try:
                held = await self._slack.members(self._groups, within=RECENT)
            except PermanentError as error:
                return f"who may see pages is not known: {error}"
            if user not in held:
                return f"only members of {', '.join(self._groups)} see pages"
        return ""

    def ours(self, team: str) -> bool:
        return team in self._slack.teams


class Shown(Lookup):
    """What pages read, with what incidents keep beside their entries."""

    def __init__(self, house: House) -> None:
        super().__init__(house.settings.ledger, Register(house.settings.ledger))
        self._exhibits = house.engine.exhibits

    async def evidence(self, incident: str) -> Sequence[Exhibit]:
        return await self._exhibits.evidence(incident)


class Following:
    """Keeps the list of runs near the ledger, so that no page has to wait for it."""

    def __init__(self, shelf: Shown, reports: Reports) -> None:
        self._shelf = shelf
        self._reports = reports

    async def begin(self) -> None:
        """Come up to the ledger, and make what is looked at first."""
        await self.look()
        await self._reports.renew()

    async def look(self) -> None:
        """Come up to the ledger; what goes wrong is logged, and it is tried again."""
        try:
            while await self._shelf.follow():
                pass
        except HealError as error:
            log.warning("the list of runs is behind: %s", error)


def links_of(settings: Settings, given: Sections) -> Links:
    """Where they are and what signs; ConfigurationError when a setting is wrong."""
    told = sections.read("pages", PagesSettings, given)
    secret = told.key.get_secret_value().strip() or settings.slack_bot_token.get_secret_value()
    url = sections.read("public", PublicSettings, given).url
    return Links(url, links.key_of(secret.strip())) if url else Links()


def routes(house: House) -> list[web.RouteDef]:
    """Every address of them; none where no setting says where they are."""
    known = house.engine.links
    if not known.url:
        return []
    told = sections.read("pages", PagesSettings, house.sections)
    clock, shelf = house.clock, Shown(house)
    reports = Reports(shelf, clock, house.tasks)
    following = Following(shelf, reports)
    house.tasks.start(following.begin(), name="the list of runs, brought up to the ledger")
    house.timers.every(OFTEN, "bring the list of runs up to the ledger", following.look)
    house.timers.every(RENEWED, "make the reports of the pages anew", reports.renew)
    members = Admitted(house.slack, told.allowed)
    peers = Peers(house.settings.trusted)
    gate = Gate(known, clock, members, peers, _entrance(house, told, known.url))
    return Site(gate, shelf, reports, clock, known.url).routes()


def _entrance(house: House, told: PagesSettings, url: str) -> OpenId | None:
    """Sign in with Slack, where its app is named."""
    secret = told.client_secret.get_secret_value().strip()
    if bool(told.client_id) != bool(secret):
        raise ConfigurationError("set HEAL_PAGES_CLIENT_ID and HEAL_PAGES_CLIENT_SECRET together")
    if not secret:
        return None
    origin = origin_of(house.settings.slack_api_url)
    return OpenId(house.client, house.clock, origin, told.client_id, secret, f"{url}{BACK}")
