"""The report on a while of healing, as Markdown fit for a post-mortem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.core.course import Course
from bot.core.figures import AUTO, HEALED, SUCCESS, WRONG, Figures, Rate, Span
from bot.core.lifecycle import Event
from bot.core.prospects import Prospects, Report
from bot.core.telling import markdown
from bot.core.telling.blocks import Block, Bullet, Heading, Prose, table
from bot.core.telling.phrases import span, utc

SHOWN = 50
"""Incidents in the timeline; of more the newest."""
CAUSES = 20
"""Incidents whose cause is told; of more the newest."""
SERVICES = 10
OFTEN = 3
"""Incidents from which on a service is worth a line."""


def document(report: Report) -> str:
    """Write it whole."""
    return markdown.rendered(blocks(report))


def blocks(report: Report) -> Iterator[Block]:
    """The same as blocks, for whoever writes it in another way."""
    figures, prospects, courses = report
    told = [one for one in courses if not (one.quiet or one.dry)]
    yield Heading(1, f"What was healed from {utc(figures.since)} to {utc(figures.until)}")
    yield from _summary(figures, prospects)
    yield Heading(2, "Timeline")
    yield from _timeline(told)
    yield Heading(2, "Causes")
    yield from _causes(told)
    yield Heading(2, "Contributing factors")
    yield from _factors(figures, told)
    yield Heading(2, "Effectiveness")
    yield from _effectiveness(figures)
    yield Heading(2, "Prevention")
    yield from _prevention(prospects)


def share(rate: Rate) -> str:
    """
    Say a rate with its denominator, for a percentage of nothing says nothing.

    >>> share(Rate(7, 9)), share(Rate(0, 0))
    ('7 of 9 (78 %)', 'none of none')
    """
    if rate.percent is None:
        return "none of none"
    return f"{rate.part} of {rate.whole} ({rate.percent:.0f} %)"


def took(one: Span) -> str:
    """Say how long something took, or that it did not happen."""
    if not one.of:
        return "did not happen"
    return f"{span(one.median)} (median of {one.of}; mean {span(one.mean)})"


def _summary(figures: Figures, prospects: Prospects) -> Iterator[Block]:
    total = figures.all
    yield table(("What", "Figure", "Usual goal"), [
        ("Incidents from alerts", f"{total.incidents}, still open {total.still_open}", ""),
        ("Wishes of people", str(total.wishes), ""),
        ("Verified, of runs that were attempted", share(total.success), SUCCESS),
        ("Resolved without anybody being asked, of all incidents", share(total.auto), AUTO),
        ("False actions, of runs that were attempted", share(total.wrong), WRONG),
        ("From the alert to the proof that it is healed", took(figures.healed), HEALED),
        ("From the alert to its all-clear, where Heal did nothing", took(figures.cleared), ""),
        ("From the alert until people or policy took it up", took(figures.taken_up), ""),
        ("What people took to decide", took(figures.waiting), ""),
        ("Questions that expired", f"{total.expired} of {total.asked}", ""),
    ])  # fmt: skip
    yield Prose(
        f"Handed to people: {total.escalated}. When those ended is not in this ledger, so they are "
        "in no time above."
    )
    if prospects.note:
        yield Prose(prospects.note)


def _timeline(courses: Sequence[Course]) -> Iterator[Block]:
    if not courses:
        yield Prose("Nothing happened.")
        return
    rows = [_told(one) for one in courses[-SHOWN:]]
    yield table(("UTC", "Incident", "What", "Where", "Runbook", "How it went", "Took"), rows)
    if len(courses) > SHOWN:
        yield Prose(f"{len(courses) - SHOWN} earlier ones are left out of this table.")


def _told(one: Course) -> Sequence[str]:
    ended = one.healed_at or one.closed_at
    lasted = span((ended - one.opened_at).total_seconds()) if ended else ""
    where = f"{one.service} {one.environment}".strip() or "not named"
    title = f"{one.severity}: {one.title}" if one.severity else one.title
    return (utc(one.opened_at), one.incident, title, where, one.runbook, went(one), lasted)


def went(one: Course) -> str:
    """Say in a few words how an incident went."""
    if one.attempted and one.passed:
        ends = {
            one.came_back: "healed, and it came back",
            one.taken_back: "healed, and people took it back",
            one.right is False: "healed, and people found it wrong",
        }
        return ends.get(True, "healed")
    if one.attempted:
        back = {True: "it was rolled back", False: "not all of it could be rolled back"}
        after = back.get(one.rolled_back) if one.rolled_back is not None else None
        return f"not healed{f': {after}' if after else ''}"
    if one.event is None:
        return "still open"
    if one.event is Event.ALERT_CLEARED:
        return "its alert cleared before anything was done"
    if one.why_none and not one.runbook:
        return f"no runbook: {one.why_none}"
    return _ENDED.get(one.event, str(one.event))


_ENDED = {
    Event.NO_PLAN: "no plan could be made",
    Event.WAS_HEALTHY: "it was healthy already",
    Event.POLICY_DENIED: "policy refused it",
    Event.APPROVAL_REFUSED: "people said no",
    Event.APPROVAL_EXPIRED: "nobody decided in time",
    Event.TAKEN_OVER: "a person took it over",
    Event.ONLY_SHOWN: "its plan was only shown",
    Event.GAVE_UP: "a person was called",
}


def _causes(courses: Sequence[Course]) -> Iterator[Block]:
    """What is known of why, newest first; a cause that nobody found is not made up."""
    known = [one for one in reversed(courses) if one.attempted or one.escalated_to][:CAUSES]
    said = [
        f"{one.incident}, {one.title}: {'; '.join(one.because) or 'not known'}"
        f"{f'. {one.says}' if one.says else ''}"
        for one in known
    ]
    yield from _listed(said, "Nothing was done, and nobody was called.")


def _factors(figures: Figures, courses: Sequence[Course]) -> Iterator[Block]:
    total = figures.all
    said = [
        f"{count} {what}"
        for count, what in (
            (total.unmatched, "had no runbook"),
            (total.denied, "were refused by policy"),
            (total.expired, "waited for an answer that did not come in time"),
            (total.came_back, "came back after they had been verified"),
            (total.left, "could not be rolled back whole"),
        )
        if count
    ]
    often = [(name, count) for name, count in figures.services.items() if count >= OFTEN]
    said += [f"{name or 'no service'}: {count} incidents" for name, count in often[:SERVICES]]
    said += [f"{title}: {count} times" for title, count in _repeated(courses)]
    yield from _listed(said, "Nothing stands out.")


def _repeated(courses: Iterable[Course]) -> list[tuple[str, int]]:
    """Which troubles of one service came again and again, the most often first."""
    seen: dict[str, int] = {}
    for one in courses:
        if one.counts:
            name = f"{one.alert} on {one.service or 'no service'}"
            seen[name] = seen.get(name, 0) + 1
    found = [(name, count) for name, count in seen.items() if count >= OFTEN]
    return sorted(found, key=lambda each: -each[1])[:SERVICES]


def _effectiveness(figures: Figures) -> Iterator[Block]:
    rows = [
        (name, str(one.asked), f"{one.approved} / {one.rejected} / {one.expired}",
         share(one.success), str(one.rolled_back + one.left), str(one.came_back), str(one.false))
        for name, one in figures.runbooks.items()
    ]  # fmt: skip
    if not rows:
        yield Prose("No runbook was tried.")
        return
    names = ("Runbook", "Asked", "Yes / no / expired", "Verified", "Rolled back", "Came back",
             "False")  # fmt: skip
    yield table(names, rows)


def _prevention(prospects: Prospects) -> Iterator[Block]:
    none = "nothing that these figures would tell."
    yield Prose("What to automate next:")
    yield from _listed([f"{one.about}: {one.why}" for one in prospects.automate], none)
    yield Prose("What to stop automating:")
    yield from _listed([f"{one.about}: {one.why}" for one in prospects.stop], none)


def _listed(said: Sequence[str], else_: str) -> Iterator[Block]:
    yield from map(Bullet, said or [else_])
