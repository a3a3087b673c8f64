"""What is said of a form while the person still has it open: from memory, so at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from bot.core import facts
from bot.ports import Forms
from bot.slack import choices
from bot.slack.asked import Submission, Suggestion
from bot.slack.cards import asking, editing, modals, wish
from bot.slack.cards.message import Block

SHORTEST, LONGEST = 3, 3_000
"""Characters of a reason; the form itself says the same, but a form can be forged."""
CHANGED = "The runbook is not what this form was made for. Look at its fields again."


class Reply(NamedTuple):
    """What is wrong with a form by block id, or the form anew in its place."""

    errors: dict[str, str]
    view: Block | None = None


class Edits(Protocol):
    """What is wrong with other parameters for a plan."""

    def faults(self, incident: str, given: Mapping[str, str]) -> Mapping[str, str]: ...


def reason(form: Submission) -> str:
    """The reason that was typed, without the space around it."""
    return form.fields.get(modals.WHY, "").strip()


class Held:
    """Reads a form before it is kept: what does not fit is said under its field."""

    def __init__(self, edits: Edits, forms: Forms, command: str = "/heal") -> None:
        self._edits = edits
        self._forms = forms
        self._command = command

    def options(self, asked: Suggestion) -> list[Block]:
        """What a list offers for what was typed so far."""
        if asked.form != wish.FORM:
            return []
        if asked.field == wish.RUNBOOK:
            found = choices.runbooks(self._forms.runbooks(), asked.typed)
            return [wish.runbook(one) for one in found]
        known = self._forms.places(asked.fields.get(wish.RUNBOOK, ""))
        return [wish.place(one) for one in choices.services(known, asked.typed)]

    def reply(self, form: Submission) -> Reply | None:
        """Why it stays open; None when it can be taken."""
        if form.form == wish.FORM and (fresh := self._stale(form)):
            return Reply({}, fresh)
        wrong = self.faults(form)
        return Reply(dict(wrong)) if wrong else None

    def faults(self, form: Submission) -> Mapping[str, str]:
        """Faults by block id, empty when the form can be taken."""
        match form.form:
            case asking.EDIT:
                given = editing.given(form.fields)
                wrong = self._edits.faults(form.about.partition(".")[0], given)
                return {f"{editing.PREFIX}{name}": why for name, why in wrong.items()
                        if name in given}  # fmt: skip
            case wish.FORM:
                return self._unfit(wish.wish(form.user, form.fields))
            case asking.REJECT | modals.ORDER:
                return _unsaid(form)
            case _:
                return {}

    def draft(self, about: wish.About, runbook: str, note: str = "") -> wish.Draft:
        """What a form about this runbook holds, as things stand."""
        book = next((one for one in self._forms.runbooks() if one.runbook == runbook), None)
        if book is None:
            return wish.Draft(about, note=note)
        known = self._forms
        return wish.Draft(about, book, known.places(runbook), known.askable(runbook), note)

    def view(self, about: wish.About, runbook: str = "", note: str = "") -> Block:
        return wish.form(self.draft(about, runbook, note), self._command)

    def _unfit(self, wished: facts.Wish) -> Mapping[str, str]:
        """What does not fit, where its field is; what has none stands under the service."""
        if len(wished.why) > wish.LONGEST_WHY:
            return {wish.WHY: f"Say it in at most {wish.LONGEST_WHY} characters."}
        places = {"runbook": wish.RUNBOOK, "service": wish.PLACE}
        askable, wrong = self._forms.askable(wished.runbook), dict[str, str]()
        for name, why in self._forms.misfits(wished).items():
            if name in askable:
                wrong[wish.block(wished.runbook, name)] = why
            else:
                field = places.get(name, wish.PLACE)
                wrong[field] = why if name in places else f"{name}: {why}"
        return wrong

    def _stale(self, form: Submission) -> Block | None:
        """The form anew, when its fields are not those of the runbook that is chosen in it."""
        about, runbook = wish.About.of(form.about), form.fields.get(wish.RUNBOOK, "")
        draft = self.draft(about, runbook)
        if set(form.shown) == set(wish.asked(draft)) and draft.runbook is not None:
            return None
        return self.view(about, runbook, CHANGED)


def _unsaid(form: Submission) -> dict[str, str]:
    if len(reason(form)) < SHORTEST:
        return {modals.WHY: "Say in a few words why; it is kept on record."}
    if len(reason(form)) > LONGEST:
        return {modals.WHY: f"Say it in at most {LONGEST} characters."}
    return {}
