"""ServiceNow is told what is so and nothing before it is, in words that stay words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from bot.clients.rig import Rig
from bot.clients.servicenow_settings import ServicenowSettings
from bot.core import exhibit, facts, updates
from bot.core.alert import Severity
from bot.core.errors import PermanentError, TemporaryError
from bot.core.exhibit import Exhibit
from bot.core.incident import Incident
from bot.core.updates import Kind, Update
from bot.tickets._servicenow import note
from bot.tickets.servicenow import PLUGIN, Servicenow
from tests import builders
from tests.clients import rigs
from tests.desks import servicenow
from tests.desks.faults import Fault
from tests.desks.servicenow import PASSWORD, REFERENCE, ServiceNowDesk
from tests.slack.cards import stories


class Here(NamedTuple):
    """The instance, its address, and what Heal works with."""

    desk: ServiceNowDesk
    url: str
    rig: Rig

    def made(self, **more: str) -> Servicenow:
        told = servicenow.told(self.url, **more)
        return PLUGIN(ServicenowSettings.model_validate(told), self.rig)


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    async with servicenow.running() as (desk, url), rigs.rig() as rig:
        yield Here(desk, url, rig)


def alerted(source: str = "alertmanager", **labels: str) -> Incident:
    alert = builders.an_alert(source=source, labels=labels)
    return builders.an_incident(builders.an_opening(alert=alert))


def one(story: str, kind: Kind) -> Update:
    return next(one for one in updates.of(stories.incident(story)) if one.kind is kind)


@pytest.mark.parametrize(
    ("incident", "number"),
    [
        (alerted("servicenow", number="INC0012345"), "INC0012345"),
        (alerted("alertmanager", ticket="INC0012345"), "INC0012345"),
        (alerted("alertmanager", number="INC0012345"), None),
        (alerted("servicenow", number="PRB0012345"), None),
        (alerted("alertmanager", ticket="PROJ-12"), None),
        (alerted("alertmanager", ticket="INC0012345^ORactive=true"), None),
        (alerted("alertmanager"), None),
    ],
)
async def test_an_alert_says_which_incident_it_is_about(
    here: Here, incident: Incident, number: str | None
) -> None:
    assert here.made().concerns(incident) == number


async def test_one_is_opened_only_for_the_severities_that_are_set(here: Here) -> None:
    opener = here.made(open_for="critical")
    mild = builders.an_alert(severity=Severity.WARNING)
    shown = facts.Wish(by="U1", runbook="r", given={}, dry_run=True)

    assert opener.concerns(alerted()) == ""
    assert opener.concerns(builders.an_incident(builders.an_opening(alert=mild))) is None
    assert here.made(open_for="warning").concerns(
        builders.an_incident(builders.an_opening(alert=None, wish=shown))
    ) is None  # fmt: skip


async def test_one_that_it_opens_says_what_is_wrong_and_whose_it_is(here: Here) -> None:
    opener = here.made(open_for="critical", group="Web", caller="heal")
    number = await opener.tell(one("resolved", Kind.OPENED), "", uncertain=False)
    row = here.desk.row("incident", number=number)

    assert row["correlation_id"] == builders.INCIDENT
    assert row["short_description"] == "shop: shop answers 502 on web-1"
    assert (row["urgency"], row["assignment_group"], row["caller_id"]) == ("1", "Web", "heal")


async def test_the_proof_resolves_it_in_one_request_with_the_note(here: Here) -> None:
    healed = one("resolved", Kind.HEALED)
    await here.made().tell(healed, REFERENCE, uncertain=False)
    row = here.desk.row("incident", number=REFERENCE)
    [note] = here.desk.notes(REFERENCE)

    assert (row["state"], row["close_code"]) == ("6", "Solution provided")
    assert row["close_notes"] == note
    assert "before: " in note
    assert "after: " in note
    assert [one for one in here.desk.asked if one.startswith("PATCH")] == [
        f"PATCH /api/now/table/incident/{row['sys_id']}"
    ]


@pytest.mark.parametrize("state", ["6", "7", "8"])
async def test_what_people_closed_stays_as_they_left_it(here: Here, state: str) -> None:
    row = here.desk.row("incident", number=REFERENCE)
    row["state"] = state
    await here.made().tell(one("resolved", Kind.HEALED), REFERENCE, uncertain=False)

    assert row["state"] == state
    assert "close_code" not in row


async def test_with_notes_only_no_state_is_changed(here: Here) -> None:
    await here.made(resolve="false").tell(one("resolved", Kind.HEALED), REFERENCE, uncertain=False)

    assert here.desk.row("incident", number=REFERENCE)["state"] == "1"
    assert len(here.desk.notes(REFERENCE)) == 1


@pytest.mark.parametrize(("state", "then"), [("6", "2"), ("7", "7"), ("1", "1")])
async def test_it_is_opened_again_when_it_was_resolved_and_came_back(
    here: Here, state: str, then: str
) -> None:
    here.desk.row("incident", number=REFERENCE)["state"] = state
    await here.made().tell(one("not_fixed", Kind.CAME_BACK), REFERENCE, uncertain=False)

    assert here.desk.row("incident", number=REFERENCE)["state"] == then


def with_graph() -> Update:
    said, octets = exhibit.exhibited(
        "graph.png", b"\x89PNG", media=exhibit.PNG, title="Errors", says="they fall"
    )
    incident = builders.an_incident(builders.an_opening(), said)
    return updates.Update(
        incident, 1, builders.START, Kind.EVIDENCE, "evidence", "", "", Exhibit(said, octets)
    )


@pytest.mark.parametrize("faults", [(), (Fault.LOST,), (Fault.LOST, Fault.LOST), (Fault.AWAY,)])
async def test_a_graph_is_attached_once_whatever_happens(
    here: Here, faults: tuple[Fault, ...]
) -> None:
    here.desk.fail(*faults)
    desk, update = here.made(), with_graph()
    for tried in range(len(faults)):
        with pytest.raises(Exception):  # noqa: B017 - which one, the contract says
            await desk.tell(update, REFERENCE, uncertain=tried > 0)
    await desk.tell(update, REFERENCE, uncertain=bool(faults))

    assert here.desk.files == {"run-7f3k2m-graph.png": b"\x89PNG"}
    assert len(here.desk.notes(REFERENCE)) == 1


@pytest.mark.parametrize("fault", [None, *Fault])
async def test_a_problem_is_made_once_and_the_incident_is_linked_to_it(
    here: Here, fault: Fault | None
) -> None:
    proposed = one("proposed", Kind.PROBLEM)
    desk = here.made(problems="true")
    if fault is not None:
        here.desk.fail(fault)
        with pytest.raises(Exception):  # noqa: B017 - which one, the contract says
            await desk.tell(proposed, REFERENCE, uncertain=False)
    await desk.tell(proposed, REFERENCE, uncertain=fault is not None)
    [problem] = here.desk.tables["problem"]

    assert here.desk.row("incident", number=REFERENCE)["problem_id"] == problem["sys_id"]
    assert problem["short_description"]


async def test_no_problem_is_made_where_nobody_wants_one(here: Here) -> None:
    await here.made().tell(one("proposed", Kind.PROBLEM), REFERENCE, uncertain=False)

    assert here.desk.tables["problem"] == []
    assert len(here.desk.notes(REFERENCE)) == 1


async def test_a_note_is_never_taken_for_html(here: Here) -> None:
    opening = builders.an_opening(title="[code]<img src=x onerror=alert(1)>[/code]")
    [update] = updates.of(builders.an_incident(opening))
    await here.made().tell(update, REFERENCE, uncertain=False)

    assert "[code]" not in here.desk.notes(REFERENCE)[0]


@pytest.mark.parametrize("word", ["[CODE]", "[Code]", "[/code]"])
async def test_no_spelling_of_the_word_for_html_stands_in_a_note(here: Here, word: str) -> None:
    opened = builders.an_incident(builders.an_opening(title=f"{word}<b>"))

    assert word.lower() not in note(next(updates.of(opened))).lower()


async def test_what_servicenow_leaves_out_of_a_question_hits_no_other_record(here: Here) -> None:
    here.desk.unread = {"correlation_id", "number"}
    update = one("resolved", Kind.OPENED)
    with pytest.raises(TemporaryError, match="did not look for correlation_id in incident"):
        await here.made(open_for="critical").tell(update, "", uncertain=False)
    with pytest.raises(TemporaryError, match="did not look for number in incident"):
        await here.made().tell(update, "INC9999999", uncertain=False)

    assert here.desk.notes(REFERENCE) == []
    assert here.desk.records() == [REFERENCE]


async def test_an_incident_that_is_not_there_is_refused(here: Here) -> None:
    with pytest.raises(PermanentError, match="no incident INC0099999"):
        await here.made().tell(one("resolved", Kind.OPENED), "INC0099999", uncertain=False)


async def test_a_token_lets_in_as_well_and_no_answer_repeats_a_secret(here: Here) -> None:
    config = ServicenowSettings.model_validate({"url": here.url, "token": servicenow.TOKEN})
    let_in = PLUGIN(config, here.rig)
    assert await let_in.why_not() == ""
    here.desk.lock()

    assert "HEAL_SERVICENOW_TOKEN" in await let_in.why_not()
    why = await here.made().why_not()
    assert "HEAL_SERVICENOW_PASSWORD" in why
    assert PASSWORD not in why


@pytest.mark.parametrize("url", ["http://acme.service-now.com", "https://a@b", "ftp://x", "acme"])
def test_an_address_that_would_give_the_password_away_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        ServicenowSettings.model_validate({"url": url})


async def test_without_a_password_it_wants_nothing(here: Here) -> None:
    assert not PLUGIN(ServicenowSettings.model_validate({"url": here.url}), here.rig).wanted
    assert here.made().wanted


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("1", ""),
        ("2", ""),
        ("3", "INC0012345 in ServiceNow is on hold (Awaiting Vendor)"),
        ("6", "INC0012345 in ServiceNow is resolved"),
        ("7", "INC0012345 in ServiceNow is closed"),
        ("8", "INC0012345 in ServiceNow is canceled"),
    ],
)
async def test_what_people_closed_or_put_on_hold_is_an_objection(
    here: Here, state: str, says: str
) -> None:
    row = here.desk.row("incident", number=REFERENCE)
    row |= {"state": state, "hold_reason": "Awaiting Vendor"}

    assert await here.made().objects(alerted(), REFERENCE) == says
    assert await here.made().objects(alerted(), "") == ""


async def test_what_came_back_is_not_held_up_by_having_been_called_resolved(here: Here) -> None:
    here.desk.row("incident", number=REFERENCE)["state"] = "6"
    again = builders.an_incident(builders.an_opening(relapse_of="inc-1"))

    assert await here.made().objects(again, REFERENCE) == ""


SPAN = {
    "schedule.sys_class_name": "cmn_schedule_blackout", "schedule.name": "Year end",
    "schedule.time_zone": "Europe/Berlin", "start_date_time": "20200101T000000Z",
}  # fmt: skip
ENDLESS = {**SPAN, "end_date_time": "20990101T000000Z"}


async def test_a_blackout_that_holds_now_is_an_objection_to_everything(here: Here) -> None:
    here.desk.put("cmn_schedule_span", name="Books", **ENDLESS)
    said = "ServiceNow's blackout Year end, Books holds until 2099-01-01 00:00 UTC"

    assert await here.made(blackouts="true").objects(alerted(), "") == said
    assert await here.made().objects(alerted(), "") == ""


@pytest.mark.parametrize(
    "span",
    [
        {**SPAN, "end_date_time": "20200102T000000Z"},
        {**ENDLESS, "start_date_time": "20980101T000000Z"},
        {**ENDLESS, "schedule.sys_class_name": "cmn_schedule"},
    ],
)
async def test_what_is_over_or_to_come_or_no_blackout_is_none(
    here: Here, span: dict[str, str]
) -> None:
    here.desk.put("cmn_schedule_span", name="Some", **span)

    assert await here.made(blackouts="true").objects(alerted(), "") == ""


@pytest.mark.parametrize("hidden", ["schedule.sys_class_name", "repeat_type"])
async def test_what_may_not_be_read_of_schedules_is_said_and_never_taken_for_another(
    here: Here, hidden: str
) -> None:
    span = {**ENDLESS, "schedule.sys_class_name": "cmn_schedule"}
    here.desk.put(
        "cmn_schedule_span", name="Office hours", **span if "class" in hidden else ENDLESS
    )
    here.desk.unread = {hidden}

    with pytest.raises(PermanentError, match=r"did not look for .* in cmn_schedule_span"):
        await here.made(blackouts="true").objects(alerted(), "")


async def test_a_span_that_comes_every_week_holds_each_week(here: Here) -> None:
    began = here.rig.clock.now() - timedelta(days=70, hours=2)
    here.desk.put("cmn_schedule_span", name="Batch", repeat_type="weekly", **SPAN | {
        "start_date_time": f"{began:%Y%m%dT%H%M%SZ}",
        "end_date_time": f"{began + timedelta(hours=5):%Y%m%dT%H%M%SZ}"})  # fmt: skip

    assert "Year end, Batch holds" in await here.made(blackouts="true").objects(alerted(), "")


async def test_what_cannot_be_reckoned_is_said_and_hides_no_blackout_that_holds(
    here: Here,
) -> None:
    here.desk.put("cmn_schedule_span", name="Odd", repeat_type="specific", **ENDLESS | {
        "end_date_time": "20200102T000000Z"})  # fmt: skip
    asking = here.made(blackouts="true")
    with pytest.raises(PermanentError, match="blackout Year end, Odd: it repeats as 'specific'"):
        await asking.objects(alerted(), "")
    here.desk.put("cmn_schedule_span", name="Books", **ENDLESS)

    assert "Books holds" in await here.made(blackouts="true").objects(alerted(), "")


async def test_blackouts_are_read_once_a_minute_and_no_storm_asks_for_each_plan(
    here: Here,
) -> None:
    asking = here.made(blackouts="true")
    for _ in range(5):
        await asking.objects(alerted(), "")

    assert here.desk.asked == ["GET /api/now/table/cmn_schedule_span"] * 2
