"""Unfurls links to our own pages: in channels that the bot was invited to, and nowhere else.

A page opens to nobody who does not sign in, so its link shows nothing either where strangers of
another company read along, or where nobody asked Heal in.
"""

from __future__ import annotations

import logging
import re
from urllib.parse import unquote, urlsplit

from slack_sdk.web.async_client import AsyncWebClient

from bot import ports
from bot.core.incident import Incident
from bot.core.links import Links
from bot.slack import failures
from bot.slack.asked import LinkShared
from bot.slack.cards import preview
from bot.slack.dressing import Dress

MOST = 5
"""Links of one message that are unfurled."""
_PATH = re.compile(r"/(?:incidents|runs)/([A-Za-z0-9-]{1,40})/?")
log = logging.getLogger(__name__)


class Unfurling:
    """`links` says where our pages are: without an address nothing is ours."""

    def __init__(
        self, client: AsyncWebClient, cases: ports.Cases, links: Links, dress: Dress
    ) -> None:
        self._client = client
        self._cases = cases
        self._links = links
        self._dress = dress

    async def shared(self, shared: LinkShared) -> None:
        """Show what the links of a message lead to; what cannot be shown stays a link."""
        if shared.outside or not shared.member:
            return
        found = {url: known for url in shared.urls[:MOST] if (known := self._known(url))}
        if not found:
            return
        unfurls = {
            url: {"blocks": self._dress.blocks(preview.blocks(known))}
            for url, known in found.items()
        }
        try:
            await self._client.chat_unfurl(
                channel=shared.channel, ts=shared.message_ts, unfurls=unfurls
            )
        except failures.ERRORS as error:
            log.info("a link was not unfurled: %s", failures.read(error).says)

    def _known(self, url: str) -> Incident | None:
        """The incident that an address of ours names; of nobody else's, however alike it looks."""
        try:
            given, ours = urlsplit(url), urlsplit(self._links.url)
            same = (given.scheme, given.netloc.lower()) == (ours.scheme, ours.netloc.lower())
        except ValueError:
            return None
        named = _PATH.fullmatch(unquote(given.path))
        if not (self._links.url and same and named):
            return None
        known = self._cases.find(named[1])
        return known if known is not None and known.quiet is None else None
