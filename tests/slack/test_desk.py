"""What people ask for reaches the engine once, and they are told the answer in private."""

from __future__ import annotations

import json

import pytest

from bot.core import facts, standing
from bot.core.errors import StoreUnavailable, TemporaryError
from bot.core.lifecycle import Event, State
from bot.core.policy import circuit_breaker, promotion
from bot.core.policy.sections import Breaker
from bot.core.policy.verdict import Ruled, Ruling
from bot.ports import Answer, Door, Glance, Standstill
from bot.rehearsal.workspace.lines import Attempt, Kind
from bot.slack.desk import STRANGERS
from tests import builders
from tests.core.policy.builders import MINUTE, NOW, an_attempt
from tests.slack import tales
from tests.slack.cards import runs
from tests.slack.house import House


async def test_a_slash_command_is_answered_in_private(house: House) -> None:
    await house.workspace.command("olivia", "alerts", "/heal", "help")
    await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert house.private("U0OLIVIA") == ["What you can ask for"]


async def test_a_run_is_wished_for_with_its_parameters_and_reason(house: House) -> None:
    text = 'run restart-service host=web-1 "it hangs again"'
    await house.workspace.command("olivia", "alerts", "/heal", text)
    await house.workspace.until(lambda: house.requests.calls)
    wish = facts.Wish(
        by="U0OLIVIA", runbook="restart-service", given={"host": "web-1"}, why="it hangs again"
    )

    assert (wish, "C0ALERTS", "") == house.requests.calls[0].args


async def test_a_guest_is_told_nothing_and_asks_for_nothing(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    house.workspace.world.guests["U0SAM"] = "is_restricted"
    for words in ("status", "why inc-7f3k2m", "transcript inc-7f3k2m", "link inc-7f3k2m",
                  "approve inc-7f3k2m"):  # fmt: skip
        await house.workspace.command("sam", "alerts", "/heal", words)
    await house.workspace.react("sam", "alerts", card, "white_check_mark")
    await house.workspace.open_home("sam")
    await house.workspace.until(lambda: len(house.private("U0SAM")) == 5)
    await house.workspace.until(lambda: not any(house.inbox.waiting().values()))

    assert set(house.private("U0SAM")) == {STRANGERS}
    assert house.requests.calls == []
    assert not any("inc-7f3k2m" in name for name in house.workspace.files)
    assert house.workspace.home_of("sam") is None


async def test_who_slack_cannot_be_asked_about_is_answered_as_the_engine_decides(
    house: House,
) -> None:
    house.workspace.fail_next("users.info", "internal_error")
    await house.workspace.command("olivia", "alerts", "/heal", "help")
    await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert house.private("U0OLIVIA") == ["What you can ask for"]


async def test_an_unknown_word_is_answered_with_the_nearest_right_one(house: House) -> None:
    await house.workspace.command("olivia", "alerts", "/heal", "aprove 7f3k2m")
    (said,) = await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert "did you mean 'approve'" in said


async def test_a_channel_without_the_bot_is_answered_by_the_response_url(house: House) -> None:
    house.workspace.world.channels["C0GENERAL"].members.discard("U0HEAL")
    await house.workspace.command("olivia", "general", "/heal", "status")
    await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert house.private("U0OLIVIA") == ["All calm: nothing is open"]


async def test_in_an_incidents_thread_the_id_may_be_left_out(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    text = "<@U0HEAL> reject the database is being moved"
    await house.workspace.post("ana", "alerts", text, thread_ts=card)
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0].args == (
        "inc-7f3k2m", 0, "U0ANA", False, "the database is being moved",
    )  # fmt: skip


async def test_the_breakers_are_told_to_whoever_asks_and_shown_with_what_is_going_on(
    house: House,
) -> None:
    runs = [an_attempt(ago, State.NOT_FIXED, incident=f"inc-{n}", failed_at=NOW - ago / 2)
            for n, ago in enumerate((40 * MINUTE, 10 * MINUTE))]  # fmt: skip
    house.requests.tripped = list(circuit_breaker.tripped([runs], Breaker(), NOW))
    await house.workspace.command("sam", "alerts", "/heal", "breakers")
    await house.workspace.until(lambda: house.workspace.ephemerals)
    await house.workspace.command("sam", "alerts", "/heal", "status")
    await house.workspace.until(lambda: len(house.workspace.ephemerals) > 1)
    breakers, status = (json.dumps(note.message["blocks"]) for note in house.workspace.ephemerals)

    assert "Circuit breaker *open* until" in breakers
    assert "`inc-1` `restart-shop`" in breakers
    assert "not fixed, came back" in breakers
    assert "*shop* in staging runs keep failing" in status
    assert "inc-1" not in status


@pytest.mark.parametrize(("words", "says"), [
    ("report", "What was healed in 1 day"), ("report soon", "'soon' is not a duration"),
])  # fmt: skip
async def test_a_report_is_told_to_whoever_asks(house: House, words: str, says: str) -> None:
    await house.workspace.command("sam", "alerts", "/heal", words)
    await house.workspace.until(lambda: house.private("U0SAM"))

    assert says in str([note.message for note in house.workspace.ephemerals])


@pytest.mark.parametrize("says", ["", "12 of 30 services (40 %) have an open incident"])
async def test_a_storm_is_told_once_with_what_is_going_on(house: House, says: str) -> None:
    house.requests.stormy = says
    await house.workspace.command("sam", "alerts", "/heal", "status")
    await house.workspace.until(lambda: house.workspace.ephemerals)
    (note,) = house.workspace.ephemerals

    told = json.dumps(note.message["blocks"])
    assert told.count("This is a storm") == bool(says)
    assert told.count("Nothing runs by itself until it is over") == bool(says)
    assert says in told


async def test_the_stages_are_told_to_whoever_asks(house: House) -> None:
    library = builders.a_library(rulebook=builders.a_rulebook(stages={"default": "dry_run"}))
    house.requests.rungs = promotion.rungs(library, [], builders.START)
    await house.workspace.command("sam", "alerts", "/heal", "stages")
    await house.workspace.until(lambda: house.private("U0SAM"))
    shown = str([note.message for note in house.workspace.ephemerals])

    assert "`raise-pool` *dry_run* · shop@production · ask is not earned yet" in shown
    assert "missing: dry_runs 10 (0)" in shown


async def test_break_glass_is_asked_for_with_its_reason(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.workspace.command(
        "ana", "alerts", "/heal", 'break-glass inc-7f3k2m "payments are down"'
    )
    await house.workspace.until(lambda: house.requests.calls)
    (call,) = house.requests.calls

    assert (call.name, call.args) == (
        "break_glass", ("inc-7f3k2m", "U0ANA", "payments are down"),
    )  # fmt: skip


async def test_why_is_answered_in_private_by_id_by_plan_and_by_hash(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    digest = builders.a_plan().digest[:10]
    for asked in ("inc-7f3k2m", "run-7f3k2m", "inc-7f3k2m.1", digest):
        await house.workspace.command("sam", "alerts", "/heal", f"why {asked}")
    await house.workspace.until(lambda: len(house.private("U0SAM")) == 4)

    assert house.private("U0SAM") == ["Why inc-7f3k2m"] * 4
    shown = str([note.message for note in house.workspace.ephemerals])
    assert "*Policy asked people*" in shown
    assert "members of S0APPROVERS: 1 yes needed" in shown
    assert house.requests.calls == []


@pytest.mark.parametrize(("named", "round_"), [("inc-7f3k2m.1", 1), ("hash", 1), ("inc-7f3k2m", 0)])
async def test_a_yes_is_for_the_plan_that_it_names_and_no_other(
    house: House, named: str, round_: int
) -> None:
    plan = builders.a_plan(cost="other")
    again = facts.Planned(round=2, plan=plan, digest=plan.digest, ruling=Ruling.ASK)
    moved = facts.Rebuilt(round=1, digest=plan.digest, changes=("cost",))
    house.cases.tell(*tales.awaiting(), moved, again)
    word = builders.a_plan().digest[:10] if named == "hash" else named
    await house.workspace.command("ana", "alerts", "/heal", f"approve {word}")
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0].args == ("inc-7f3k2m", round_, "U0ANA", True, "")


async def test_in_its_thread_why_needs_no_id(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    await house.workspace.post("sam", "alerts", "<@U0HEAL> why", thread_ts=card)
    await house.workspace.until(lambda: house.private("U0SAM"))

    assert house.private("U0SAM") == ["Why inc-7f3k2m"]


async def test_in_a_thread_the_one_that_waits_for_an_answer_is_meant(house: House) -> None:
    house.cases.tell(*tales.healed())
    card = await house.card()
    house.cases.tell(*tales.taking_back(card), name="inc-2b2b2b")
    await house.workspace.post("ana", "alerts", "<@U0HEAL> approve", thread_ts=card)
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0].args == ("inc-2b2b2b", 0, "U0ANA", True, "")


async def test_of_two_that_wait_in_a_thread_the_one_that_is_meant_must_be_named(
    house: House,
) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    house.cases.tell(*tales.taking_back(card), name="inc-2b2b2b")
    await house.workspace.post("ana", "alerts", "<@U0HEAL> approve", thread_ts=card)
    (said,) = await house.workspace.until(lambda: house.private("U0ANA"))

    assert "which one: write" in said
    assert not house.requests.calls


async def test_a_mention_is_answered_in_its_thread(house: House) -> None:
    root = await house.workspace.post("olivia", "alerts", "what is going on?")
    await house.workspace.post("olivia", "alerts", "<@U0HEAL> status", thread_ts=root["ts"])
    await house.workspace.until(lambda: house.workspace.ephemerals)

    assert root["ts"] == house.workspace.ephemerals[0].message["thread_ts"]


async def test_approve_is_one_vote_of_the_round_on_the_card(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.workspace.click("ana", "alerts", await house.card(), "approve_recovery")
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0].args == ("inc-7f3k2m", 1, "U0ANA", True, "")


async def test_a_stranger_is_told_kindly_and_in_private(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    house.requests.answer = Answer(done=False, text="You may not approve this; ask @approvers.")
    await house.workspace.click("sam", "alerts", await house.card(), "approve_recovery")
    await house.workspace.until(lambda: house.workspace.ephemerals)

    assert house.private("U0SAM") == ["You may not approve this; ask @approvers."]


async def test_reject_asks_why_and_hands_the_reason_over(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.workspace.click("ana", "alerts", await house.card(), "reject_recovery")
    view = await house.modal("ana")
    await house.workspace.submit("ana", view["id"], {"why": {"why": "not during the move"}})
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0].args == (
        "inc-7f3k2m", 1, "U0ANA", False, "not during the move",
    )  # fmt: skip


async def test_a_reason_of_spaces_is_refused_while_the_form_is_open(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.workspace.click("ana", "alerts", await house.card(), "reject_recovery")
    view = await house.modal("ana")
    view["blocks"][1]["element"]["min_length"] = 0
    said = await house.workspace.submit("ana", view["id"], {"why": {"why": "      "}})

    assert ("errors", {"why"}, []) == (said.action, set(said.errors), house.requests.calls)


async def test_a_form_that_opens_too_late_is_explained(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    house.workspace.fail_next("views.open", "expired_trigger_id")
    await house.workspace.click("ana", "alerts", await house.card(), "reject_recovery")
    await house.workspace.until(lambda: house.workspace.ephemerals)

    assert "/heal reject inc-7f3k2m" in house.private("U0ANA")[0]


async def test_details_opens_everything_that_is_known(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.workspace.click("sam", "alerts", await house.card(), "view_recovery_details")
    view = await house.modal("sam")

    assert view["title"]["text"] == "Details"


async def test_details_put_the_plan_as_json_into_the_thread_once(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    for who in ("sam", "ana", "sam"):
        await house.workspace.click(who, "alerts", card, "view_recovery_details")
        await house.modal(who)
    await house.workspace.until(lambda: house.files(card))
    await house.idle()
    ((name, content),) = house.files(card).items()

    assert name == "plan-inc-7f3k2m.1.json"
    assert json.loads(content)["runbook"] == "restart-service"


async def test_a_value_of_another_incident_is_refused_and_recorded(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    house.cases.tell(*tales.awaiting(), name="inc-9x8y7z")
    card = await house.card()
    await house.workspace.click("ana", "alerts", card, "view_recovery_details")
    payload = house.workspace.deliveries.log[-1].payload
    action = {"action_id": "approve_recovery", "value": "inc-9x8y7z.1", "action_ts": "9.9"}
    forged = {**payload, "actions": [action]}
    await house.workspace.sockets.send(Kind.INTERACTION, forged, Attempt())
    await house.workspace.until(lambda: house.workspace.ephemerals)

    assert (house.requests.calls, len(house.refused)) == ([], 1)


async def test_a_problem_on_purpose_is_told_to_the_person(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    house.requests.error = TemporaryError("Slack did not say who may approve")
    await house.workspace.click("ana", "alerts", await house.card(), "approve_recovery")
    await house.workspace.until(lambda: house.workspace.ephemerals)

    assert house.private("U0ANA") == ["That did not work: Slack did not say who may approve"]


async def test_a_click_that_was_taken_counts_once_the_store_is_back(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    house.requests.error = StoreUnavailable("Postgres is being restarted")
    await house.workspace.click("ana", "alerts", card, "approve_recovery")
    await house.workspace.until(lambda: len(house.requests.calls) > 1)
    house.requests.error = None
    await house.workspace.until(lambda: not len(house.inbox))

    assert {call.args[:3] for call in house.requests.calls} == {("inc-7f3k2m", 1, "U0ANA")}
    assert not any("did not work" in one for one in house.private("U0ANA"))


async def test_a_bug_is_told_to_the_person_and_noted_in_the_inbox(house: House) -> None:
    house.requests.error = KeyError("surprise")
    await house.workspace.command("olivia", "alerts", "/heal", "stop it is on fire")
    await house.workspace.until(lambda: house.workspace.ephemerals)

    assert ("Something went wrong" in house.private("U0OLIVIA")[0], 0) == (True, len(house.inbox))


async def test_the_home_tab_shows_what_is_open(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.workspace.open_home("olivia")
    view = await house.workspace.until(lambda: house.workspace.home_of("olivia")) or {}

    assert view["blocks"][0]["text"]["text"] == "1 open"


async def test_the_message_shortcut_shows_the_incident_of_that_message(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.workspace.shortcut("olivia", "alerts", await house.card(), "heal_message")
    view = await house.modal("olivia")

    assert view["title"]["text"] == "Details"


async def test_in_direct_messages_no_name_is_needed(house: House) -> None:
    house.cases.tell(builders.an_opening())
    await house.workspace.post("olivia", "D0OLIVIA", "keep 7f3k2m")
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0].args == ("inc-7f3k2m", "U0OLIVIA")


async def test_what_was_not_told_is_told_once_more_by_its_words(house: House) -> None:
    await house.workspace.post("olivia", "D0OLIVIA", "tickets retry")
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls == [("retell", ("U0OLIVIA",))]


@pytest.mark.parametrize(("button", "right"), [("looks_right", True), ("not_right", False)])
async def test_a_review_is_handed_to_the_engine(house: House, button: str, *, right: bool) -> None:
    house.cases.tell(*runs.for_review())
    card = await house.card()
    await house.workspace.until(lambda: button in str(house.workspace.messages("alerts")))
    await house.workspace.click("ana", "alerts", card, button)
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0] == ("review", ("inc-7f3k2m", "U0ANA", right))


async def test_ask_again_on_an_expired_card_is_handed_to_the_engine(house: House) -> None:
    house.cases.tell(*tales.expired())
    card = await house.card()
    await house.workspace.until(lambda: "ask_again" in str(house.workspace.messages("alerts")))
    await house.workspace.click("ana", "alerts", card, "ask_again")
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0] == ("again", ("inc-7f3k2m", "U0ANA"))


async def test_a_problem_record_is_proposed_by_its_button_or_by_its_word(house: House) -> None:
    *before, planned, asked = tales.awaiting()
    assert isinstance(planned, facts.Planned)
    often = planned.model_copy(update={"repeats": "repeat offender: 5 incidents in 7 days"})
    closed = facts.Closed(event=Event.ALERT_CLEARED, says="it cleared")
    house.cases.tell(*before, often, asked, closed)
    card = await house.card()
    await house.workspace.until(
        lambda: "propose_problem" in str(house.workspace.messages("alerts"))
    )
    await house.workspace.click("ana", "alerts", card, "propose_problem")
    await house.workspace.until(lambda: house.requests.calls)
    await house.workspace.command("olivia", "alerts", "/heal", "problem 7f3k2m")
    await house.workspace.until(lambda: len(house.requests.calls) > 1)

    assert house.requests.calls == [
        ("propose", ("inc-7f3k2m", "U0ANA")),
        ("propose", ("inc-7f3k2m", "U0OLIVIA")),
    ]


async def test_the_problem_records_are_listed_newest_first(house: House) -> None:
    proposed = [
        facts.Proposed(by="U0ANA", title=f"{name} is down", service=name, environment="production",
                       incidents=(f"inc-{name}",))
        for name in ("shop", "cart")
    ]  # fmt: skip
    house.cases.orders = standing.Standing(problems=tuple(proposed))
    await house.workspace.command("sam", "alerts", "/heal", "problems")
    await house.workspace.until(lambda: house.workspace.ephemerals)
    said = json.dumps(house.workspace.ephemerals[-1].message["blocks"])

    assert said.index("cart is down") < said.index("shop is down")
    assert "`inc-shop`" in said


async def test_status_tells_what_waits_what_came_in_and_what_policy_held_back(
    house: House,
) -> None:
    house.cases.tell(*tales.awaiting())
    house.requests.seen = Glance(
        since=NOW,
        doors=(Door("alertmanager", 3, 40, {"throttled": 2}),),
        waiting=7,
        oldest=9 * MINUTE,
        ruled=(Ruled(Ruling.DENY, "", 3), Ruled(Ruling.DENY, "rate window", 3)),
        standstills=(Standstill("the weekend", "shop", None),),
    )
    await house.workspace.command("sam", "alerts", "/heal", "status")
    await house.workspace.until(lambda: house.workspace.ephemerals)
    said = json.dumps(house.workspace.ephemerals[0].message["blocks"], ensure_ascii=False)

    for told in (
        "7 messages in the inbox, the oldest for 9 min",
        "alertmanager: 40 alerts in 3 messages since",
        "2 over the quota and told to come again",
        "refused 3 (3 by rate window)",
        "*shop* may be closed to changes",
        "Approval needed",
    ):
        assert told in said
