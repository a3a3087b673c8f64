"""Whose alerts are read, channel by channel: SLACK_ALERT_SENDERS; nobody unless named."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slack_sdk.web.async_client import AsyncWebClient

from bot.core import spelling
from bot.core.errors import ConfigurationError
from bot.slack import channels
from bot.slack.alerts.posted import Posted
from bot.slack.strangers import Identity

SETTING = "SLACK_ALERT_SENDERS"
_ID = re.compile(r"[AB][A-Z0-9]{2,}")
Listed = Mapping[str, frozenset[str]]


class Senders:
    """The ids of apps and bots by the id of the channel; we ourselves are never among them."""

    def __init__(self, listed: Listed, me: Identity) -> None:
        self._listed = listed
        self._me = me

    def __bool__(self) -> bool:
        return bool(self._listed)

    def heard(self, posted: Posted) -> bool:
        """
        Tell whether this message may raise or end alerts.

        Both ids come from Slack itself; the name and the picture that a message shows, anybody
        may choose.
        """
        if posted.bot_id == self._me.bot_id or posted.user == self._me.user_id:
            return False
        listed = self._listed.get(posted.channel, frozenset())
        return bool(listed & {posted.bot_id, posted.app_id})


def parse(setting: str) -> dict[str, frozenset[str]]:
    """
    Read `channel=id` pairs with commas between them; ConfigurationError names the wrong one.

    >>> sorted(parse("#alerts=B024BE7LH, #alerts=A0GRAFANA")["#alerts"])
    ['A0GRAFANA', 'B024BE7LH']
    """
    found: dict[str, frozenset[str]] = {}
    for pair in filter(None, (word.strip() for word in setting.split(","))):
        channel, _, sender = (part.strip() for part in pair.partition("="))
        if not channel.removeprefix("#") or not _ID.fullmatch(sender):
            raise ConfigurationError(
                f"{SETTING}: {spelling.quoted(pair)} is no channel=id: write the channel, =, and "
                "the id of a bot (B…) or an app (A…), as `heal doctor` lists them"
            )
        found[channel] = found.get(channel, frozenset()) | {sender}
    return found


async def find(client: AsyncWebClient, setting: str, me: Identity) -> Senders:
    """
    Find the channels that the setting names.

    Raises ConfigurationError when Heal is not in one of them, for it would hear nothing there;
    TemporaryError when Slack cannot be asked.
    """
    listed: dict[str, frozenset[str]] = {}
    for channel, senders in parse(setting).items():
        place = await channels.id_of(client, channel, SETTING)
        listed[place] = listed.get(place, frozenset()) | senders
    return Senders(listed, me)
