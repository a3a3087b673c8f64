"""`changes`: what Heal did to a service stands among PagerDuty's recent changes of it, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue, SecretStr

from bot.clients import addresses, paging
from bot.clients.apis import PAGE, PAGES, Api, Sent, read
from bot.clients.paging import routed
from bot.clients.rig import Rig
from bot.core import chain, facts, redaction, visible
from bot.core.errors import ActionError, PermanentError
from bot.core.incident import Incident
from bot.core.updates import Update
from bot.core.values import Frozen
from bot.pagers import _paging

KEYS, TOKEN = "HEAL_CHANGES_ROUTING_KEYS", "HEAL_CHANGES_TOKEN"
ACCEPT = "application/vnd.pagerduty+json;version=2"
LOCKED = frozenset({401, 403})
DONE = frozenset({facts.StepEnding.DONE, facts.StepEnding.FOUND_DONE})
SUMMARY = 1024
"""Signs of a summary, which is all that PagerDuty takes."""
AROUND = timedelta(minutes=5)
"""How far PagerDuty's clock may be from ours."""


class ChangesSettings(Frozen):
    """The settings HEAL_CHANGES_*."""

    routing_keys: Annotated[SecretStr, AfterValidator(routed)] = Field(
        default=SecretStr(""),
        description="service/environment=integration key of 32 signs (Events API v2), with commas: "
        "services of PagerDuty that show what Heal did to them; * is any service; secret",
    )
    events_url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        default="https://events.pagerduty.com",
        description="the https address for events; in Europe https://events.eu.pagerduty.com",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="a read-only REST API key, with which a change whose answer was lost is looked "
        "for; without it that one may stand there twice",
    )
    url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        default="https://api.pagerduty.com",
        description="the https address of the REST API; in Europe https://api.eu.pagerduty.com",
    )


class _Details(Sent):
    mark: str = ""


class _Change(Sent):
    custom_details: _Details | None = None


class _Changes(Sent):
    change_events: tuple[_Change, ...] = ()
    more: bool = False


class Changes:
    """Wakes nobody: each step that may have done something is one event, and nothing else is."""

    config = ChangesSettings

    def __init__(self, config: ChangesSettings, rig: Rig) -> None:
        self._keys = paging.pairs(config.routing_keys.get_secret_value().split(","))
        token = config.token.get_secret_value().strip()
        headers = {"Authorization": f"Token token={token}", "Accept": ACCEPT}
        self._looks = bool(token)
        self._rest = Api("PagerDuty", config.url, headers, TOKEN, rig.http, locked=LOCKED)
        self._events = Api("PagerDuty", config.events_url, {}, KEYS, rig.http, locked=LOCKED)

    @property
    def wanted(self) -> bool:
        return bool(self._keys)

    def concerns(self, incident: Incident) -> str | None:
        """Each incident of a place with a key, once something is done about it."""
        return _paging.key(incident) if incident.ran and self._key(incident) else None

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        fact = update.fact
        done = isinstance(fact, facts.Stepped) and fact.applied
        if done and not (uncertain and await self._known(update)):
            await self._events.write("POST", "/v2/change/enqueue", self._event(update))
        return reference

    async def why_not(self) -> str:
        """Keys cannot be tried without an event that people would see."""
        try:
            if self._looks:
                await self._rest.ask("/change_events", {"limit": "1"})
        except ActionError as error:
            return str(error)
        return ""

    def _key(self, incident: Incident) -> str:
        return paging.of_place(self._keys, incident.service, incident.environment)

    def _event(self, update: Update) -> JsonValue:
        incident = update.incident
        key = self._key(incident)
        if not key:
            raise PermanentError(f"no key of {KEYS} is for {incident.service} any more")
        links: list[JsonValue] = [{"href": update.link, "text": "What Heal did, and why"}]
        return {
            "routing_key": key,
            "payload": {
                "summary": _summary(update),
                "timestamp": chain.stamp(update.at),
                "source": incident.service or "heal",
                "custom_details": {
                    "mark": update.mark,
                    "incident": incident.id,
                    "service": incident.service,
                    "environment": incident.environment,
                    "what": update.text[: _paging.LONGEST],
                },
            },
            "links": links if update.link else [],
        }

    async def _known(self, update: Update) -> bool:
        """Whether it stands there already; without a token nobody can tell."""
        if not self._looks:
            return False
        span = {"since": update.at - AROUND, "until": update.at + AROUND}
        asked = {name: at.isoformat() for name, at in span.items()} | {"limit": str(PAGE)}
        read_so_far = 0
        for _ in range(PAGES):
            answer = await self._rest.ask("/change_events", asked | {"offset": str(read_so_far)})
            found = read(_Changes, answer)
            marks = (one.custom_details.mark for one in found.change_events if one.custom_details)
            if update.mark in marks:
                return True
            read_so_far += len(found.change_events)
            if not (found.more and found.change_events):
                break
        return False


def _summary(update: Update) -> str:
    """What was changed, in the words of its plan, and how that ended."""
    plan, fact = update.incident.plan, update.fact
    if plan is None or not isinstance(fact, facts.Stepped):
        return update.title[:SUMMARY]
    says = next((one.scope.says for one in plan.steps if one.number == fact.number), update.title)
    how = "taken back" if fact.back and fact.ending in DONE else str(fact.ending)
    ended = "" if fact.ending in DONE and not fact.back else f" ({how})"
    return f"Heal: {redaction.text(visible.line(says))}{ended}"[:SUMMARY]


PLUGIN = Changes
