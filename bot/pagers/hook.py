"""`hook`: any other pager hears every update, signed with its time, under a lasting key."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated, Literal

import httpx
from pydantic import AfterValidator, Field, JsonValue, SecretStr

from bot.clients import addresses, http
from bot.clients.rig import Rig
from bot.core import chain
from bot.core.errors import ActionError, TemporaryError
from bot.core.incident import Incident
from bot.core.telling import record
from bot.core.updates import Kind, Update
from bot.core.values import Frozen
from bot.pagers import _paging
from bot.ports import Clock

ENDS = frozenset({Kind.ENDED, Kind.CAME_BACK})
"""What changes how an incident ended."""
WITHIN = 10.0
"""Seconds for one answer."""
REST = 60.0
"""Seconds until it is tried again when the signature is not taken: people mend that."""


class HookSettings(Frozen):
    """The settings HEAL_HOOK_*."""

    url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        description="the https address that updates are posted to: docs/pagers.md has their form"
    )
    secret: SecretStr = Field(
        min_length=16, description="what they are signed with, a long random text; secret"
    )
    opens_for: Literal["escalated", "every"] = Field(
        default="escalated",
        description="which incidents it hears of: `escalated`, those that Heal could not mend "
        "(escalation of the policy), or `every`, from their beginning",
    )


class Hook:
    """Whoever listens counts a key once, and so needs not be asked what it has."""

    config = HookSettings
    wanted = True

    def __init__(self, config: HookSettings, rig: Rig) -> None:
        self._url = httpx.URL(config.url)
        self._secret = config.secret.get_secret_value().strip().encode()
        self._early = config.opens_for == "every"
        self._client, self._clock = rig.http, rig.clock

    def route(self, incident: Incident) -> str:
        """All of it rings at one address."""
        return ""

    def concerns(self, incident: Incident) -> str | None:
        due = _paging.paged(incident) or (self._early and incident.opened.alert is not None)
        return "" if due and not incident.quiet else None

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        """Post it; tried again it bears the same key."""
        await self._send("POST", http.written(told(update)), update.mark)
        return reference or _paging.key(update.incident)

    async def why_not(self) -> str:
        """Ask without telling anything: who does not know the signature says so."""
        try:
            await self._send("GET", b"", "heal-doctor")
        except ActionError as error:
            return str(error)
        return ""

    async def _send(self, method: str, body: bytes, mark: str) -> None:
        headers = {"Idempotency-Key": mark, **signed(self._secret, body, self._clock)}
        answer = await http.send(
            self._client, method, self._url, body=body or None, headers=headers, within=WITHIN
        )
        if answer.status in {401, 403}:
            raise TemporaryError(
                f"{answer.place} does not take the signature ({answer.status}): give it the same "
                "secret as HEAL_HOOK_SECRET", REST,
            )  # fmt: skip
        if not answer.fine and not (method == "GET" and answer.status in {404, 405}):
            answer.refuse(method)


def told(update: Update) -> dict[str, JsonValue]:
    """What is posted, as docs/pagers.md describes it."""
    incident = update.incident
    return {
        "version": 1,
        "mark": update.mark,
        "kind": str(update.kind),
        "at": chain.stamp(update.at),
        "title": update.title,
        "text": _paging.text(update),
        "link": update.link,
        "page": _paging.pages(update),
        "level": _paging.level(update),
        "resolved": update.resolves,
        "reopened": update.reopens,
        "metrics": record.figures(incident) if update.kind in ENDS else None,
        "incident": {
            "id": incident.id,
            "key": _paging.key(incident),
            "service": incident.service,
            "environment": incident.environment,
            "title": incident.opened.title,
            "severity": str(incident.severity),
        },
    }


def signed(secret: bytes, body: bytes, clock: Clock) -> dict[str, str]:
    """Sign a body with the moment of its sending, so that an old one cannot be played again."""
    at = str(int(clock.now().timestamp()))
    digest = hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Heal-Timestamp": at, "X-Heal-Signature": f"sha256={digest}"}


PLUGIN = Hook
