"""What the pages ask of the house: small Protocols that app fills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.clients.openid import Begun, Person
from bot.core.course import Course
from bot.core.exhibit import Exhibit
from bot.core.inclusion import Proof
from bot.core.listing import Found, Names, Wanted
from bot.core.telling.page import Story


class Shelf(Protocol):
    """What is shown; StoreUnavailable or ConfigurationError while it cannot be read."""

    async def find(self, wanted: Wanted) -> Found: ...
    async def names(self) -> Names: ...
    async def story(self, incident: str) -> Story | None: ...
    async def proof(self, incident: str) -> Proof | None: ...
    async def between(self, since: datetime, until: datetime) -> Sequence[Course]: ...
    async def evidence(self, incident: str) -> Sequence[Exhibit]: ...


class Members(Protocol):
    """Who may see pages."""

    async def why_not(self, user: str) -> str:
        """
        Why this person may see none, empty when they may.

        Somebody who left, a guest, a bot, another company's, or in none of the groups that are let
        in. TemporaryError while Slack cannot be asked.
        """

    def ours(self, team: str) -> bool:
        """Whether this is our workspace; TemporaryError before Slack said which is."""


class Entrance(Protocol):
    """Sign in with Slack; TemporaryError while it cannot be reached, PermanentError for a no."""

    async def begin(self) -> Begun: ...
    async def finish(self, code: str, nonce: str, verifier: str) -> Person: ...
