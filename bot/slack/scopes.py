"""What of Heal works only with which scopes of the bot; the manifest asks for all of them; pure."""

from __future__ import annotations

from collections.abc import Collection
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
    Feature("the transcript as a file", ("files:write",)),
    Feature("alerts read from channels", ("channels:history", "groups:history")),
    Feature("finding a direct message whose post was not answered", ("im:write", "im:history")),
    Feature("finding a card whose post was not answered", ("channels:history", "groups:history")),
)
