"""Handles become ids, for only an id in a message calls the people of a group."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.approval import Request
from bot.core.facts import Voted
from bot.core.incident import Incident
from bot.core.ladder import Level
from bot.core.permit import Permit


def with_ids(incident: Incident, ids: Mapping[str, str]) -> Incident:
    """The incident as it is to be shown: its groups named by id where Slack knows the handle."""
    changes: dict[str, object] = {}
    if incident.asked is not None:
        asked = _request(incident.asked.request, ids)
        changes["asked"] = incident.asked.model_copy(update={"request": asked})
        changes["votes"] = tuple(_voted(one, ids) for one in incident.votes)
    if incident.escalated is not None:
        called = incident.escalated
        named = {"to": _id(called.to, ids), "calls": _ids(called.calls, ids),
                 "levels": tuple(_level(one, ids) for one in called.levels)}  # fmt: skip
        changes["escalated"] = called.model_copy(update=named)
        raised = (one.model_copy(update={"calls": _ids(one.calls, ids)}) for one in incident.raised)
        changes["raised"] = tuple(raised)
    return incident.model_copy(update=changes) if changes else incident


def permit_with_ids(permit: Permit, ids: Mapping[str, str]) -> Permit:
    """The same for a pre-approval."""
    grounds = {who: _ids(words, ids) for who, words in (permit.grounds or {}).items()}
    request = _request(permit.request, ids)
    told = grounds if permit.grounds is not None else None
    return permit.model_copy(update={"request": request, "grounds": told})


def _level(level: Level, ids: Mapping[str, str]) -> Level:
    return level.model_copy(update={"groups": _ids(level.groups, ids)})


def _request(request: Request, ids: Mapping[str, str]) -> Request:
    demands = tuple(
        one.model_copy(update={"groups": _ids(one.groups, ids)}) for one in request.demands
    )
    return request.model_copy(
        update={
            "groups": _ids(request.groups, ids),
            "fallback": _ids(request.fallback, ids),
            "demands": demands,
        }
    )


def _voted(voted: Voted, ids: Mapping[str, str]) -> Voted:
    if voted.grounds is None:
        return voted
    grounds = {who: _ids(words, ids) for who, words in voted.grounds.items()}
    return voted.model_copy(update={"grounds": grounds})


def _ids(groups: tuple[str, ...], ids: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_id(group, ids) for group in groups)


def _id(group: str, ids: Mapping[str, str]) -> str:
    return ids.get(group.removeprefix("@"), group)
