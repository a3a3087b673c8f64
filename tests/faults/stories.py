"""The stories in which the bot dies: each breaks something and waits until it came to rest.

They are written as if nothing ever went wrong; the stage's people and senders try again.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from bot.core.lifecycle import State
from bot.rehearsal.workspace import NotAnswered, NotPossible
from bot.slack.cards.wish import CHOOSE
from tests.faults.stage import Stage
from tests.faults.street import Book, House

Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Story:
    """What is played, with which runbooks, on which services."""

    play: Play
    books: tuple[Book, ...] = ()
    houses: Callable[[], dict[str, House]] = field(default=dict)
    at_once: int = 1000
    rules: Mapping[str, object] = field(default_factory=dict)
    """Keys of the policy that differ."""
    signals: bool = False
    """Whether a gateway is told what recovered."""


async def heals(stage: Stage) -> None:
    """A dead process is restarted: asked for, approved, verified, and the alert clears."""
    await stage.scene.town.crash("shop")
    await stage.alert("ServiceDown", "shop")
    await stage.press("approve_recovery")
    await stage.reached(State.HEALED)
    await stage.alert("ServiceDown", "shop", "resolved")
    await stage.reached(State.RESOLVED)


async def rolls_back(stage: Stage) -> None:
    """Two settings are changed and do not help: both go back and a person is called."""
    await stage.alert("Stubborn", "corner")
    await stage.press("approve_recovery")
    ended = await stage.reached(State.ESCALATED)
    assert ended.rolled_back is not None
    assert ended.rolled_back.clean
    assert stage.street.houses["corner"].sizes == {"pool": 20, "queue": 20}


async def escalates(stage: Stage) -> None:
    """No runbook is meant for it: a person is called, and proposes a problem record."""
    await stage.alert("NobodyKnowsThis", "shop")
    ended = await stage.reached(State.ESCALATED)
    await stage.order("olivia", f"problem {ended.id}", until=lambda: "problem.proposed" in
                      stage.kinds())  # fmt: skip


async def called(stage: Stage) -> None:
    """Nobody says that they have it, so who is next is called, once; then somebody has it."""
    await stage.alert("NobodyKnowsThis", "shop")
    await stage.until("escalation.unheard")
    await stage.press("take_escalation", "ana")
    await stage.until("escalation.taken")
    [ended] = stage.scene.incidents()
    assert [one.level for one in ended.raised] == [2]
    assert ended.taken is not None
    assert ended.taken.by == "U0ANA"


async def unattended(stage: Stage) -> None:
    """Policy allows it, and somebody reviews it; a slow answer lets a death find it under way."""
    await stage.alert("Harmless", "bakery")
    await stage.reached(State.HEALED)
    await stage.press("looks_right", "ana")
    await stage.until("run.reviewed")
    await stage.alert("Harmless", "bakery", "resolved")
    await stage.reached(State.RESOLVED)


async def signalled(stage: Stage) -> None:
    """The gateway hears that it recovered, under one mark however often it is said."""
    await stage.alert("Harmless", "bakery")
    await stage.until("recovery.signalled")
    [healed] = stage.scene.incidents()
    assert {*stage.street.heard} == {f"recovery-{healed.id}"}
    assert healed.signalled is not None
    assert healed.signalled.why_not == ""
    await stage.alert("Harmless", "bakery", "resolved")
    await stage.reached(State.RESOLVED)


async def queued(stage: Stage) -> None:
    """One run at a time: the second waits its turn, and begins when the first is over."""
    await stage.alert("Harmless", "bakery")
    await stage.until("step.claimed")
    await stage.alert("Harmless", "corner")
    await stage.until("run.verified", times=2)
    await stage.reached(State.HEALED)


async def ignored(stage: Stage) -> None:
    """Nobody answers in the ten seconds that the question is open: nothing is done."""
    await stage.alert("Ignored", "corner")
    await stage.reached(State.EXPIRED)
    assert stage.street.houses["corner"].sizes["pool"] == 20


async def cancelled(stage: Stage) -> None:
    """Somebody stops the run while its first step is under way: what was done goes back."""
    await stage.alert("TwoSteps", "bakery")
    await stage.press("approve_recovery")
    await stage.until("step.claimed")
    name = stage.scene.incidents()[-1].id
    await stage.order("olivia", f"cancel {name} by hand", until=lambda: "run.cancelling" in
                      stage.kinds())  # fmt: skip
    await stage.reached(State.CANCELLED)
    assert stage.street.houses["bakery"].sizes == {"pool": 20, "queue": 20}


async def undone(stage: Stage) -> None:
    """A stranger may not say yes; what was healed is taken back by a plan of its own."""
    await stage.alert("Narrow", "corner")
    await stage.press("approve_recovery", "sam")
    await stage.until("approval.barred")
    await stage.press("approve_recovery")
    healed = await stage.reached(State.HEALED)
    await stage.order("olivia", f"undo {healed.id}", until=lambda: len(stage.scene.incidents()) > 1)
    undo = stage.scene.incidents()[-1]
    await stage.press("approve_recovery", of=undo.id)
    await stage.reached(State.RESOLVED)
    await stage.until("run.taken_back")
    assert stage.street.houses["corner"].sizes["pool"] == 20


async def goes_back(stage: Stage) -> None:
    """A change for one second goes back by itself, and its alert still fires."""
    await stage.alert("Briefly", "corner")
    await stage.press("approve_recovery")
    await stage.reached(State.ESCALATED)
    assert stage.street.houses["corner"].sizes["pool"] == 20


async def kept(stage: Stage) -> None:
    """Somebody decides that it stays; later it comes back after all, and is rejected."""
    await stage.alert("Longer", "corner")
    await stage.press("approve_recovery")
    healed = await stage.reached(State.HEALED)
    await stage.order("ana", f"keep {healed.id}", until=lambda: "run.kept" in stage.kinds())
    await stage.alert("Longer", "corner", "resolved")
    await stage.reached(State.RESOLVED)
    stage.street.houses["corner"].sizes["pool"] = 20
    await stage.clock.sleep(1.1)  # the runbook's cool-down
    await stage.alert("Longer", "corner", pod="b")
    await stage.until("incident.came_back")
    await stage.reached(State.AWAITING_APPROVAL)
    again = stage.scene.incidents()[-1].id
    await stage.order("ana", f"reject {again} not tonight",
                      until=lambda: stage.scene.incidents()[-1].over)  # fmt: skip


async def taken_early(stage: Stage) -> None:
    """What waits to go back is taken back now."""
    await stage.alert("Longer", "corner")
    await stage.press("approve_recovery")
    healed = await stage.reached(State.HEALED)
    await stage.order("ana", f"undo {healed.id}", until=lambda: "mail.recovered" in stage.kinds())
    await stage.reached(State.REVERTED, State.ESCALATED)


async def stopped(stage: Stage) -> None:
    """Somebody without the secret knocks; then all healing is stopped, and goes on again."""
    await stage.alert("Narrow", "corner")
    await stage.reached(State.AWAITING_APPROVAL)
    await stage.knock()
    await stage.until("door.refused")
    await stage.order("olivia", "stop the network moves", until=lambda: "house.halted" in
                      stage.kinds())  # fmt: skip
    await stage.reached(State.CANCELLED)
    await stage.order("ana", "resume it is done", until=lambda: "house.resumed" in stage.kinds())


async def edited(stage: Stage) -> None:
    """Somebody changes the size on the card, and somebody else approves what that makes."""
    await stage.scene.town.break_("shop", "pool")
    await stage.alert("ServiceDegraded", "shop", severity="warning")
    await stage.edit("ana", {"param_size": {"value": "60"}})
    await stage.until("approval.asked", times=2)
    asked = stage.scene.incidents()[-1]
    await stage.press("approve_recovery", of=f"{asked.id}.2")
    await stage.reached(State.HEALED)
    assert stage.scene.effects("put")[-1] == {"size": 60}


async def filled_in(stage: Stage) -> None:
    """Somebody asks for a run in a form, whose answer may be lost: it is one run all the same."""
    await stage.scene.town.crash("shop")
    workspace = stage.scene.workspace
    while "incident.opened" not in stage.kinds():
        view = workspace.modal_of("olivia")
        with suppress(NotAnswered, NotPossible):
            if view is None:
                await workspace.command("olivia", "alerts", "/heal")
            elif '"place"' in json.dumps(view["blocks"]):
                place = {"place": {"value": "shop in demo"}}
                await workspace.submit("olivia", view["id"], place)
            else:
                found = await workspace.suggest("olivia", view["id"], CHOOSE, "restart-dead")
                await workspace.click_in_view("olivia", view["id"], CHOOSE, choice=found[0])
        await stage.clock.sleep(1)
    await stage.press("approve_recovery")
    await stage.reached(State.RESOLVED)
    assert len(stage.scene.incidents()) == 1


async def accompanied(stage: Stage) -> None:
    """An alert of another cause waits behind a question, and has its own when that is rejected."""
    await stage.alert("Narrow", "corner")
    await stage.reached(State.AWAITING_APPROVAL)
    first = stage.scene.incidents()[-1].id
    await stage.alert("Longer", "corner", pod="b")
    await stage.order("ana", f"reject {first} not tonight", until=lambda: "alert.passed_on" in
                      stage.kinds())  # fmt: skip
    await stage.reached(State.AWAITING_APPROVAL)
    await stage.press("approve_recovery", of=stage.scene.incidents()[-1].id)
    await stage.reached(State.HEALED)


async def settled(stage: Stage) -> None:
    """An alert must last two seconds, and does."""
    await stage.alert("Narrow", "corner")
    await stage.reached(State.AWAITING_APPROVAL)
    await stage.press("approve_recovery")
    await stage.reached(State.HEALED)
    await stage.alert("Narrow", "corner", "resolved")
    await stage.reached(State.RESOLVED)


async def maintained(stage: Stage) -> None:
    """People work on it, and are done before their time: then it is taken as new."""
    await stage.alert("Narrow", "corner")
    await stage.until("incident.opened")
    rules = stage.scene.directory / "runbooks" / "policy" / "rules.yaml"
    changed = {**json.loads(rules.read_text()), "maintenance": []}
    rules.write_text(json.dumps(changed))
    await stage.until("mail.goes_on")
    await stage.reached(State.AWAITING_APPROVAL)
    await stage.press("approve_recovery")
    await stage.reached(State.HEALED)


async def inhibited(stage: Stage) -> None:
    """What its house needs is in trouble, for which nobody has a runbook: it waits for that."""
    await stage.alert("NobodyKnowsThis", "bakery")
    await stage.reached(State.ESCALATED)
    await stage.alert("Narrow", "corner")
    await stage.until("incident.waits")
    await stage.alert("NobodyKnowsThis", "bakery", "resolved")
    await stage.reached(State.AWAITING_APPROVAL)
    await stage.press("approve_recovery")
    await stage.reached(State.HEALED)


async def shown(stage: Stage) -> None:
    """A runbook in its first stage: its plan is shown, and nothing is done."""
    await stage.alert("Narrow", "corner")
    await stage.reached(State.DRY_RUN)
    assert stage.street.houses["corner"].sizes["pool"] == 20


async def stepwise(stage: Stage) -> None:
    """Something must hold after the first step before the second one begins."""
    await stage.alert("TwoSteps", "bakery")
    await stage.press("approve_recovery")
    await stage.reached(State.HEALED)
    assert stage.street.houses["bakery"].sizes == {"pool": 50, "queue": 50}


async def governed(stage: Stage) -> None:
    """People freeze a service and thaw it, and allow a runbook in advance; once they say no."""
    await escalates(stage)
    await stage.said("olivia", "freeze corner 1h the release", "house.frozen")
    await stage.said("olivia", "unfreeze corner", "house.thawed")
    allow = 'allow widen-narrow on corner in demo for 1h max 2 runs "the sale begins"'
    await stage.said("olivia", allow, "house.permit.asked")
    await stage.said("sam", f"approve {stage.permit()}", "house.permit.barred")
    await stage.said("ana", f"approve {stage.permit()}", "house.permit.granted")
    await stage.said("olivia", f"revoke {stage.permit()} it is over", "house.permit.revoked")
    await stage.said("olivia", allow, "house.permit.asked", times=2)
    await stage.said("ana", f"reject {stage.permit()} not today", "house.permit.refused")


async def renewed(stage: Stage) -> None:
    """Somebody changes the policy twice while Heal runs."""
    await escalates(stage)
    rules = stage.scene.directory / "runbooks" / "policy" / "rules.yaml"
    for times, floor in enumerate((0.9, 0.95), 1):
        changed = json.loads(rules.read_text()) | {"confidence_floor": floor}
        rules.write_text(json.dumps(changed))
        await stage.until("house.policy_taken", times=times)


def corner(**changes: object) -> Callable[[], dict[str, House]]:
    return lambda: {"corner": House(**changes)}  # type: ignore[arg-type]


def two_houses() -> dict[str, House]:
    return {"bakery": House(before=0.05, after=5), "corner": House()}


def bakery() -> dict[str, House]:
    return {"bakery": House(before=0.05, after=0.9)}


STORIES = {
    "heals": Story(heals),
    "rolls back": Story(rolls_back, (Book("Stubborn", places=("pool", "queue"), within="1s"),),
                        corner(stubborn=True)),
    "escalates": Story(escalates),
    "called": Story(called, rules={
        "escalation": {"levels": [{"groups": ["approvers"], "wait": "1s"}]}}),
    "unattended": Story(unattended, (Book("Harmless", unattended=True),), bakery),
    "queued": Story(queued, (Book("Harmless", unattended=True),), two_houses, at_once=1),
    "ignored": Story(ignored, (Book("Ignored", expires="10s"),), corner()),
    "cancelled": Story(cancelled, (Book("TwoSteps", places=("pool", "queue")),), bakery),
    "undone": Story(undone, (Book("Narrow"),), corner()),
    "goes back": Story(goes_back, (Book("Briefly", method="PUT", back_after="1s"),), corner()),
    "kept": Story(kept, (Book("Longer", back_after="1h"),), corner()),
    "taken early": Story(taken_early, (Book("Longer", back_after="1h"),), corner()),
    "stopped": Story(stopped, (Book("Narrow"),), corner()),
    "edited": Story(edited),
    "filled in": Story(filled_in),
    "accompanied": Story(accompanied, (Book("Narrow"), Book("Longer")), corner()),
    "settled": Story(settled, (Book("Narrow"),), corner(), rules={
        "settle": [{"lasts": "2s"}]}),
    "maintained": Story(maintained, (Book("Narrow"),), corner(), rules={"maintenance": [
        {"name": "night", "starts": "2020-01-01T00:00:00Z", "ends": "2099-01-01T00:00:00Z"}]}),
    "inhibited": Story(inhibited, (Book("Narrow"),), lambda: {
        "bakery": House(), "corner": House(needs=("bakery",))}),
    "shown": Story(shown, (Book("Narrow"),), corner(), rules={
        "stages": {"lines": [{"runbooks": ["widen-narrow"], "stage": "dry_run"}]}}),
    "stepwise": Story(stepwise, (Book("TwoSteps", places=("pool", "queue"), then=True),), bakery),
    "governed": Story(governed, (Book("Narrow"),), corner()),
    "signalled": Story(signalled, (Book("Harmless", unattended=True),), bakery, signals=True),
    "renewed": Story(renewed),
}  # fmt: skip
