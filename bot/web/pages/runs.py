"""The list of runs: what it is narrowed to stands in its address, so that it can be passed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from bot.core import listing
from bot.core.listing import CHOICES, LONGEST, NAMES, Found, Listed, Names, Wanted
from bot.core.telling import report
from bot.core.telling.phrases import span, utc
from bot.web.pages.markup import Html, joined, tag

SPANS = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
NEVER_LONGER = 200
"""Characters of a name."""


def wanted(query: Mapping[str, str], now: datetime) -> Wanted:
    """Read what is wanted of an address; what makes no sense there is as if it were not."""
    told = {name: query.get(name, "")[:NEVER_LONGER] for name in NAMES}
    if told["state"] not in CHOICES:
        told["state"] = ""
    before = query.get("before", "")
    since, until = _moment(query.get("when", ""), now), None
    if day := _day(query.get("day", "")):
        since, until = day
    return Wanted(
        words=query.get("words", "")[:LONGEST],
        **told,
        since=since,
        until=until,
        before=int(before) if before.isdecimal() and len(before) < 16 else 0,
    )


def shown(query: Mapping[str, str], asked: Wanted, found: Found, names: Names) -> Html:
    """The form, what was found, and the way to older ones."""
    parts = [tag("h1", "Runs"), _form(query, asked, names)]
    if found.behind:
        late = f"This list is being made: {found.behind} entries of the ledger are not in it yet."
        parts.append(tag("p", late, class_="note"))
    if found.those:
        parts.append(tag("ul", *map(_one, found.those), class_="list"))
    else:
        none = "Nothing is recorded that fits all of it. Take something away, or look further back."
        parts.append(tag("p", none, role="status"))
    if found.more:
        parts.append(tag("p", tag("a", "Older ones", href=_older(query, found)), class_="more"))
    return joined(parts)


def _form(query: Mapping[str, str], asked: Wanted, names: Names) -> Html:
    words = tag("input", type="search", name="words", value=asked.words, maxlength=str(LONGEST))
    return tag(
        "form",
        tag("label", "All of these words", words, class_="words"),
        _choice("State", "state", CHOICES, asked.state),
        _choice("Service", "service", names.services, asked.service),
        _choice("Environment", "environment", names.environments, asked.environment),
        _choice("Runbook", "runbook", names.runbooks, asked.runbook),
        _choice("When", "when", [f"last {one}" for one in SPANS], query.get("when", "")),
        tag("label", "On the day (UTC)", tag("input", type="date", name="day",
                                             value=query.get("day", "")[:10])),
        tag("button", "Search"),
        method="get", action="/runs", role="search", class_="search",
    )  # fmt: skip


def _choice(label: str, name: str, values: Sequence[str], chosen: str) -> Html:
    known = values if not chosen or chosen in values else [chosen, *values]
    options = [tag("option", "any", value="")]
    options += [tag("option", one, value=one, selected=one == chosen) for one in known]
    return tag("label", label, tag("select", *options, name=name))


def _one(listed: Listed) -> Html:
    one = listed.course
    state = listing.standing(one)
    return tag(
        "li",
        tag("a", one.title or one.incident, href=f"/incidents/{one.incident}"),
        tag("p", tag("span", state, class_="state"), f" {report.went(one)}."),
        tag("p", " · ".join(_facts(listed))),
    )


def _facts(listed: Listed) -> Iterator[str]:
    one = listed.course
    yield utc(one.opened_at)
    yield f"{one.service} {one.environment}".strip() or "no service named"
    if one.runbook:
        yield one.runbook
    if one.severity:
        yield one.severity
    if ended := one.healed_at or one.closed_at:
        yield f"took {span((ended - one.opened_at).total_seconds())}"
    yield one.incident


def _older(query: Mapping[str, str], found: Found) -> str:
    kept = {name: query[name] for name in ("words", *NAMES, "when", "day") if query.get(name)}
    return f"/runs?{urlencode({**kept, 'before': str(found.those[-1].place)})}"


def _moment(when: str, now: datetime) -> datetime | None:
    lasted = SPANS.get(when.removeprefix("last "))
    return now - lasted if lasted else None


def _day(given: str) -> tuple[datetime, datetime] | None:
    """A day's beginning and end; the last one that there is has none."""
    try:
        begins = datetime.combine(date.fromisoformat(given), datetime.min.time(), UTC)
        return begins, begins + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
