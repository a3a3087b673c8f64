"""How an incident stands, in one sentence: for a late click, a list, a log line."""

from __future__ import annotations

from bot.core.incident import Incident
from bot.core.lifecycle import State


def outcome(incident: Incident) -> str:
    """Say where it stands, who decided and how it ended, without any markup."""
    said = [f"{incident.id} is {incident.state}"]
    if incident.decided is not None:
        by = " and ".join(f"<@{who}>" for who in incident.decided.by)
        said.append(f"{incident.decided.ending}{f' by {by}' if by else ''}")
    if incident.closed is not None:
        said.append(incident.closed.says)
    elif incident.state is State.HEALED and incident.verified is not None:
        said.append(incident.verified.why)
    return "; ".join(said) + "."
