"""What of Heal works only with which scopes of the bot; the manifest asks for all of them; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple


class Feature(NamedTuple):
    """Something that people can do, and the scopes it needs; a vital one is what Heal is for."""

    name: str
    scopes: tuple[str, ...]
    vital: bool = False
    system: str = ""
    """The only system with which it is needed; empty when it always is."""

    def lacks(self, granted: Collection[str]) -> tuple[str, ...]:
        return tuple(scope for scope in self.scopes if scope not in granted)


AS_A_FILE = "the transcript as a file"
FEATURES = (
    Feature("cards, answers and their edits", ("chat:write",), vital=True),
    Feature("the slash command and the shortcuts", ("commands",), vital=True),
    Feature("approval by the members of a group", ("usergroups:read", "users:read"), vital=True),
    Feature("approval by who is on call", ("users:read.email",), vital=True, system="pagerduty"),
    Feature("finding the recovery channel by its name", ("channels:read", "groups:read")),
    Feature("orders in threads, by mention", ("app_mentions:read",)),
    Feature("a look at an incident where its link is pasted", ("links:read", "links:write")),
    Feature("approval by reaction", ("reactions:read",)),
    Feature("orders in direct messages", ("im:history",)),
    Feature(AS_A_FILE, ("files:write",)),
    Feature("alerts read from channels", ("channels:history", "groups:history")),
    Feature("finding a direct message whose post was not answered", ("im:write", "im:history")),
    Feature("finding a card whose post was not answered", ("channels:history", "groups:history")),
)


def granted(headers: Mapping[str, str]) -> frozenset[str] | None:
    """What Slack says beside an answer that the token may do; None when it does not say."""
    told = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    return None if told is None else frozenset(filter(None, map(str.strip, told.split(","))))


def turned_off(scopes: Collection[str] | None) -> Iterator[str]:
    """What does not work for want of which scopes, a sentence each; of a system's own nothing."""
    for one in FEATURES if scopes is not None else ():
        if not one.system and (lacking := one.lacks(scopes or ())):
            yield f"{one.name} needs {', '.join(lacking)}"
