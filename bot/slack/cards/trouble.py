"""What is wrong: where, how bad, since when, who says so; the part that strangers wrote."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import facts, measure
from bot.core.incident import Incident
from bot.slack.cards import looks, parts, words
from bot.slack.cards.escaping import code, escape, link
from bot.slack.cards.message import Block


def blocks(incident: Incident) -> Iterator[Block]:
    """The header, the line of facts, and the sender's own words in a block of their own."""
    banner = looks.banner(incident)
    yield parts.header(banner)
    if looks.ASKED in banner or looks.GLASS in banner:
        yield parts.section(f"*{escape(looks.title(incident), 150)}*")
    if glass := incident.opened.glass:
        yield parts.section(_glass(incident, glass))
    yield parts.context(" · ".join(_facts(incident)))
    alert, wish = incident.opened.alert, incident.opened.wish
    if alert:
        said = f"{alert.name}: {alert.summary}" if alert.summary != alert.name else alert.name
        yield parts.quoted(f"Problem: “{said}”")
        if measured := measure.of(alert):
            yield parts.context(f"📊 {escape(measured.line, 200)}")
    elif wish:
        asked = "for a dry run of" if wish.dry_run else "for"
        what = f"{asked} {code(wish.runbook, 80)}"
        if incident.opened.undoes:
            what = f"to take back {code(incident.opened.undoes, 40)}"
        why = f": {escape(wish.why)}" if wish.why else ""
        yield parts.section(f"{words.who(wish.by)} asked {what}{why}")


def _glass(incident: Incident, glass: facts.BreakGlass) -> str:
    """Loud from its first moment to its last: whose no, who wanted it overridden, and why."""
    over = incident.planned.overrides if incident.planned else ()
    rules = f" *{escape(', '.join(over), 200)}*" if over else ""
    return (f"🚨 *BREAK-GLASS* {words.who(glass.by)} asked to override policy's no{rules} "
            f"in {code(glass.of, 40)}: {escape(glass.why, 500)}")  # fmt: skip


def _facts(incident: Incident) -> Iterator[str]:
    alert = incident.opened.alert
    if alert:
        yield words.SEVERITY[incident.severity]
    place = (incident.service, incident.environment)
    yield from (f"*{escape(one, 80)}*" for one in place if one)
    yield from _belongs(incident)
    if alert:
        count = "1 alert" if incident.seen == 1 else f"{incident.seen} alerts"
        yield f"{count} since {words.moment(alert.starts_at)}"
        sender = link(alert.link)
        yield f"from {escape(alert.source, 60)}{f' ({sender})' if sender else ''}"
        if alert.brought_by:
            yield f"{words.who(alert.brought_by)} pointed to it"
        if alert.rated:
            yield escape(alert.rated, 200)
    if incident.planned:
        marks = (incident.planned.flapping, incident.planned.repeats)
        yield from (f"🔁 *{escape(mark, 100)}*" for mark in marks if mark)
    for system, ticket in sorted(incident.tickets.items()):
        if ticket.reference:
            yield f"🎫 {escape(f'{system} {ticket.reference}', 80)}"
    yield from _before(incident)
    yield code(incident.id, 40)


def _belongs(incident: Incident) -> Iterator[str]:
    """Its tier and owner, by the catalogue; what a CMDB says of them is marked as its word."""
    chosen = incident.chosen
    if chosen and chosen.tier:
        of = f" of {escape(chosen.owner, 80)}" if chosen.owner else ""
        yield f"tier {chosen.tier}{of}"
    elif chosen and chosen.owner:
        yield f"of {escape(chosen.owner, 80)}"
    for entry in incident.plan.cmdb if incident.plan else ():
        yield escape(entry.line, 300)


def _before(incident: Incident) -> Iterator[str]:
    """What went before it: another incident, or a time in which nobody was told of it."""
    if incident.opened.again_for:
        yield f"asked again for {code(incident.opened.again_for, 40)}, which was not settled"
    if (woken := looks.last(incident, facts.Quieted)) and isinstance(woken.fact, facts.Quieted):
        yield f"nobody was told until {words.moment(woken.at)}: {escape(woken.fact.why, 200)}"
    if incident.opened.after:
        yield f"waited behind {code(incident.opened.after, 40)}, which is over"
    if incident.opened.relapse_of:
        yield f"the same trouble as {code(incident.opened.relapse_of, 40)}, which came back"
