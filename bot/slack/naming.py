"""Handles become ids, for only an id in a message calls the people of a group."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.incident import Incident
from bot.core.permit import Permit


def with_ids(incident: Incident, ids: Mapping[str, str]) -> Incident:
    """The incident as it is to be shown: its groups named by id where Slack knows the handle."""
    changes: dict[str, object] = {}
    if incident.asked is not None:
        request = incident.asked.request
        groups = tuple(_id(group, ids) for group in request.groups)
        late = tuple(_id(group, ids) for group in request.fallback)
        asked = request.model_copy(update={"groups": groups, "fallback": late})
        changes["asked"] = incident.asked.model_copy(update={"request": asked})
    if incident.escalated is not None:
        to = _id(incident.escalated.to, ids)
        changes["escalated"] = incident.escalated.model_copy(update={"to": to})
    return incident.model_copy(update=changes) if changes else incident


def permit_with_ids(permit: Permit, ids: Mapping[str, str]) -> Permit:
    """The same for a pre-approval."""
    groups = tuple(_id(group, ids) for group in permit.request.groups)
    request = permit.request.model_copy(update={"groups": groups})
    return permit.model_copy(update={"request": request})


def _id(group: str, ids: Mapping[str, str]) -> str:
    return ids.get(group.removeprefix("@"), group)
