"""The transcript of one incident: all that is known of it, for whoever reads it without Slack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bot.core import chain, facts
from bot.core.incident import Incident
from bot.core.telling import carried, markdown, people, record, shown
from bot.core.telling.blocks import Block, Bullet, Heading, Prose, Verbatim, table
from bot.core.telling.sentences import sentence
from bot.core.transcript import Entry


def transcript(incident: Incident, entries: Sequence[Entry], left_out: int = 0) -> str:
    """
    Write everything that is known as Markdown: header, timeline, plan, votes, readings, hash.

    So many alerts that joined are `left_out` of its entries; the ledger has them.
    """
    told = (*story(incident, entries, left_out), *_chained(entries, left_out))
    return markdown.rendered(told)


def story(incident: Incident, entries: Sequence[Entry], left_out: int = 0) -> Iterator[Block]:
    """The same but for its place in the ledger, as blocks."""
    yield Heading(1, f"{incident.id}: {incident.opened.title}")
    yield table(("What", "Value"), _header(incident))
    yield Heading(2, "Timeline")
    yield table(("UTC", "Entry", "Who", "What"), _timeline(entries))
    if left_out:
        said = f"{left_out} more alerts joined meanwhile, which are left out here:"
        yield Prose(f"{said} `heal audit show {incident.id}` tells of each.")
    for part in (
        shown.plans,
        people.deciding,
        carried.steps,
        carried.compared,
        carried.readings,
        people.told,
        _links,
        _signal,
    ):
        yield from part(incident)


def _header(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "State", incident.state
    yield "Service", incident.service or "not named"
    yield "Environment", incident.environment or "not named"
    if glass := incident.opened.glass:
        yield "BREAK-GLASS", f"{glass.by} asked to override the no in {glass.of}: {glass.why}"
    rated = incident.opened.alert.rated if incident.opened.alert else ""
    yield "Severity", f"{incident.severity}{f' ({rated})' if rated else ''}"
    more = "more than " if incident.rest.names else ""
    yield "Alerts", f"{incident.seen} ({more}{len(incident.alerts)} different)"
    yield "Opened", chain.stamp(incident.opened_at)
    if incident.closed_at:
        yield "Ended", chain.stamp(incident.closed_at)
        seconds = (incident.closed_at - incident.opened_at).total_seconds()
        yield "Lasted", f"{seconds:.0f} s"
    yield "Run", incident.run if incident.ran else "nothing was executed"
    if incident.plan and incident.planned:
        yield "Runbook", incident.plan.runbook
        yield "Plan hash", incident.planned.digest
        yield "Runbook hash", incident.plan.runbook_digest
        yield "Policy hash", incident.plan.policy_digest
    if incident.decided:
        by = ", ".join(incident.decided.by) or "nobody"
        yield "Decision", f"{incident.decided.ending} by {by}"


def _timeline(entries: Sequence[Entry]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        said = sentence(facts.read(entry.body))
        yield chain.stamp(entry.at), str(entry.seq), entry.actor, said


def linked(incident: Incident) -> dict[str, str]:
    """The other incidents that it hangs together with, by how; empty where there is none."""
    opened = incident.opened
    return {
        "The same trouble before": opened.relapse_of,
        "The same trouble again": incident.came_back.again if incident.came_back else "",
        "Asked for again after": opened.again_for,
        "Its alerts waited behind": opened.after,
        "Alerts that waited went on in": incident.passed_on.to if incident.passed_on else "",
        "Takes back": opened.undoes,
        "Taken back by": incident.taken_back.by if incident.taken_back else "",
        "Overrides the no in": opened.glass.of if opened.glass else "",
    }


def _links(incident: Incident) -> Iterator[Block]:
    alert = incident.opened.alert
    links = {"The alert": alert.link if alert else None, **linked(incident)}
    lines = [f"{what}: {where}" for what, where in links.items() if where]
    if lines:
        yield Heading(2, "Links")
        yield from map(Bullet, lines)


def _signal(incident: Incident) -> Iterator[Block]:
    if signal := record.signal(incident):
        yield Heading(2, "Recovery signal")
        yield Verbatim((json.dumps(signal),), "json")


def _chained(entries: Sequence[Entry], left_out: int) -> Iterator[Block]:
    yield Heading(2, "Place in the ledger")
    if not entries:
        yield Prose("No entries.")
        return
    last = entries[-1]
    count = len(entries) + left_out
    yield Prose(f"Entries of this incident: {count}. The last one is entry {last.seq}, its hash:")
    yield Verbatim((last.hash,))
    yield Prose(
        "To verify that nothing before it was changed: `heal audit verify`. It recomputes every\n"
        f"hash of the ledger; entry {last.seq} must have the hash above."
    )
    yield Verbatim((json.dumps({"seq": last.seq, "hash": last.hash}),), "json")
