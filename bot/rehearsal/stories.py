"""Three stories played to their end without a browser: healed, rejected, the wrong fix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.rehearsal.stage import Stage

APPROVER, CHANNEL = "andre", "alerts"
PATIENCE = 25.0
"""Seconds that a story may take to get where it should."""


class StoryFailed(Exception):  # noqa: N818 - a verdict about a story
    """A story went otherwise than it is told."""


@dataclass(frozen=True)
class Story:
    """What is broken, what people do about it, and how it must end."""

    name: str
    tells: str
    play: Callable[[Stage], Awaitable[Incident]]


async def healed(stage: Stage) -> Incident:
    """A process dies; the plan is approved; the service is verified and the alert clears."""
    known = names(stage)
    await stage.town.crash("shop")
    incident = await reached(stage, "shop", State.AWAITING_APPROVAL, known)
    await press(stage, incident, "approve_recovery")
    ended = await reached(stage, "shop", State.RESOLVED, known)
    expect(await stage.town.health("shop") == 200, "the shop answers again")
    return ended


async def rejected(stage: Stage) -> Incident:
    """A process dies; an approver says no and why; nothing is executed."""
    known = names(stage)
    await stage.town.crash("web")
    incident = await reached(stage, "web", State.AWAITING_APPROVAL, known)
    await press(stage, incident, "reject_recovery")
    await stage.workspace.until(lambda: stage.workspace.modal_of(APPROVER) is not None, PATIENCE)
    modal = stage.workspace.modal_of(APPROVER) or {}
    why = "We are replacing this host right now, leave it alone"
    await stage.workspace.submit(APPROVER, str(modal["id"]), reason_for(modal, why))
    ended = await reached(stage, "web", State.REJECTED, known)
    expect(await stage.town.health("web") == 0, "nothing was executed")
    await stage.town.start("web")
    return ended


async def wrong_fix(stage: Stage) -> Incident:
    """The cause is elsewhere: verification fails, the change goes back, a person is called."""
    known = names(stage)
    await stage.town.break_("shop", "upstream")
    incident = await reached(stage, "shop", State.AWAITING_APPROVAL, known)
    await press(stage, incident, "approve_recovery")
    ended = await reached(stage, "shop", State.ESCALATED, known)
    back = ended.rolled_back
    expect(back is not None and back.clean, "the old pool size is back, and verified")
    await stage.town.mend("shop")
    return ended


STORIES = (
    Story("approved and healed", "the shop's process is killed", healed),
    Story("rejected with a reason", "the web front is killed", rejected),
    Story("the wrong fix", "the payment gateway behind the shop times out", wrong_fix),
)


def names(stage: Stage) -> frozenset[str]:
    """The incidents so far: a story is about the one that comes next."""
    return frozenset(one.id for one in stage.house.cases.recent(1000))


async def reached(
    stage: Stage, service: str, state: State, known: frozenset[str] = frozenset()
) -> Incident:
    """Wait until a service's newest incident is there; StoryFailed says where it is."""

    def newest() -> Incident | None:
        fresh = (one for one in stage.house.cases.recent(20) if one.id not in known)
        return next((one for one in fresh if one.service == service), None)

    def there() -> bool:
        found = newest()
        return found is not None and (found.state is state or found.over)

    clock, began = stage.house.clock, stage.house.clock.monotonic()
    while not there() and clock.monotonic() - began < PATIENCE:
        await clock.sleep(0.05)
    found = newest()
    if found is None or found.state is not state:
        at = f"{found.state}: {found.closed.says if found.closed else ''}" if found else "nowhere"
        raise StoryFailed(f"{service} should be {state} and is {at}")
    return found


async def press(stage: Stage, incident: Incident, action: str) -> None:
    """Click a button on the incident's card, as the approver does in the browser."""
    place = None
    while place is None or not _has(stage, place.channel, place.ts, action):
        place = await stage.house.outbox.where(f"{incident.id}/card")
        await stage.house.clock.sleep(0.05)
    await stage.workspace.click(APPROVER, place.channel, place.ts, action)


def _has(stage: Stage, channel: str, ts: str, action: str) -> bool:
    return action in str(stage.workspace.message(channel, ts).get("blocks"))


def reason_for(modal: Mapping[str, object], why: str) -> dict[str, dict[str, str]]:
    """Fill in the one text field of a modal."""
    blocks = modal["blocks"]
    for block in blocks if isinstance(blocks, list) else []:
        if block.get("type") == "input":
            return {block["block_id"]: {block["element"]["action_id"]: why}}
    raise StoryFailed("the modal asks for no reason")


def expect(held: object, what: str) -> None:
    if not held:
        raise StoryFailed(f"it does not hold that {what}")
