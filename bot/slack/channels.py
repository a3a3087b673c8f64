"""A channel's id from its name: uploads, edits and look-ups know ids only."""

from __future__ import annotations

import re

from slack_sdk.web.async_client import AsyncWebClient

from bot.core import spelling
from bot.core.errors import ConfigurationError, TemporaryError
from bot.slack import failures

ID = re.compile(r"[CGD][A-Z0-9]{5,}")
PAGE = 200
MOST_PAGES = 50


async def id_of(client: AsyncWebClient, name: str, setting: str = "SLACK_RECOVERY_CHANNEL") -> str:
    """
    Find the channel that a setting names; an id is believed as it is.

    Raises ConfigurationError when Heal cannot see such a channel or is not in it, for then no
    card could be posted, or may not look; TemporaryError when Slack cannot be asked.
    """
    bare = name.removeprefix("#").strip()
    if ID.fullmatch(bare):
        return bare
    seen: list[str] = []
    cursor = ""
    try:
        for _ in range(MOST_PAGES):
            page = await client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True,
                limit=PAGE, cursor=cursor,
            )  # fmt: skip
            for channel in page["channels"]:
                if channel["name"] == bare and not channel.get("is_member"):
                    raise ConfigurationError(
                        f"{setting}: Heal is not in #{bare}, so it could hear and post nothing "
                        f"there: write /invite @ and its name in #{bare}"
                    )
                if channel["name"] == bare:
                    return str(channel["id"])
                seen.append(str(channel["name"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
    except failures.ERRORS as error:
        raise _unasked(error) from error
    raise ConfigurationError(
        f"{setting}: make this channel and invite Heal, or mend its name: "
        f"{spelling.unknown(bare, seen)}"
    )


def _unasked(error: Exception) -> ConfigurationError | TemporaryError:
    failure = failures.read(error)
    if failure.kind is not failures.Kind.REFUSED:
        return TemporaryError(f"Slack cannot be asked for channels: {failure.says}", 5.0)
    return ConfigurationError(
        f"SLACK_RECOVERY_CHANNEL: Slack does not let Heal look for channels ({failure.says}): at "
        "api.slack.com/apps open your app, OAuth & Permissions, add the scope and install the app "
        "again"
    )
