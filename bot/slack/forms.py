"""What is wrong with a form, said while the person still has it open; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.slack import pointing
from bot.slack.cards import asking, editing, modals, shortcut
from bot.slack.reading import Submission

Check = Callable[[str, Mapping[str, str]], Mapping[str, str]]
"""What is wrong with these parameters of this incident's plan, by name."""
SHORTEST, LONGEST = 3, 3_000
"""Characters of a reason; the form itself says the same, but a form can be forged."""


def reason(form: Submission) -> str:
    """The reason that was typed, without the space around it."""
    return form.fields.get(modals.WHY, "").strip()


def faults(form: Submission, check: Check) -> dict[str, str]:
    """Faults by block id, empty when the form can be taken."""
    if form.form == asking.EDIT:
        given = editing.given(form.fields)
        wrong = check(form.about.partition(".")[0], given)
        return {f"{editing.PREFIX}{name}": why for name, why in wrong.items() if name in given}
    if form.form == shortcut.FORM:
        return pointing.faults(form)
    if form.form != asking.REJECT:
        return {}
    if len(reason(form)) < SHORTEST:
        return {modals.WHY: "Say in a few words what speaks against it; it is kept on record."}
    if len(reason(form)) > LONGEST:
        return {modals.WHY: f"Say it in at most {LONGEST} characters."}
    return {}
