"""Who may not even ask: another workspace, another company, a bot; pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from bot.core.spelling import quoted
from bot.core.values import Frozen
from bot.slack.wire import text_at

_TEAMS = (
    ("team_id",), ("team", "id"), ("user", "team_id"),
    ("event", "team"), ("event", "user_team"), ("event", "source_team"),
)  # fmt: skip
_COMPANIES = (("enterprise_id",), ("enterprise", "id"))


class Identity(Frozen):
    """Who the bot is, as `auth.test` said at the start."""

    team_id: str
    team: str = ""
    enterprise_id: str = ""
    user_id: str
    bot_id: str
    scopes: frozenset[str] | None = None
    """What Slack lets the bot do; None when it did not say."""
    url: str = ""
    """The workspace's address for people, with a slash at its end."""


def objection(body: Mapping[str, JsonValue], us: Identity) -> str:
    """
    Say why nobody here listens to it; empty when somebody does.

    Every team that a payload names must be ours: in a shared channel the outer one is, and the
    person's is not. In a grid the person's team may be the company itself.
    """
    teams = {named for path in _TEAMS if (named := text_at(body, *path))}
    companies = {named for path in _COMPANIES if (named := text_at(body, *path))}
    if foreign := teams - {us.team_id, us.enterprise_id}:
        return f"it comes from the workspace {quoted(min(foreign))}, not from ours"
    if us.enterprise_id and (foreign := companies - {us.enterprise_id}):
        return f"it comes from the company {quoted(min(foreign))}, not from ours"
    if not teams:
        return "it names no workspace"
    if text_at(body, "event", "type") == "app_mention" and text_at(body, "event", "bot_id"):
        return f"the bot {quoted(text_at(body, 'event', 'bot_id'))} may not give orders"
    return ""
