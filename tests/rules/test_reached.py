"""Every word, button, form, delivery and page has a test that reaches it as people do.

Through the local workspace, over HTTP or a WebSocket, or by a request to a real port. What is new
and stands here with no test fails; so does a test that is gone.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

import pytest
import yaml
from aiohttp.web import RouteDef

from bot.clock import Clock
from bot.core.links import Links
from bot.slack.cards import asking, modals, wish
from bot.slack.verbs import Verb
from bot.web.pages.gate import Gate
from bot.web.pages.site import Site
from bot.web.peers import Peers
from tests import test_requirements
from tests.rules import house
from tests.slack import test_everything
from tests.web.pages.sites import Members

EVERYTHING = "slack/test_everything.py"
WORDS = f"{EVERYTHING}::test_the_example_of_every_word_is_done_or_told"
CARDS = f"{EVERYTHING}::test_every_button_of_an_incidents_card_asks_the_engine_or_opens_a_form"
DESK, HOMES, WISHING = "slack/test_desk.py", "slack/test_homes.py", "slack/test_wishing.py"
BATCHES, PERMITS = "slack/test_batching.py", "slack/test_permits.py"
SITE, LINKS, SIGNING = (f"web/pages/test_{one}.py" for one in ("site", "links", "signing_in"))

REACHED: dict[str, dict[str, str]] = {
    "word": {verb.value: WORDS for verb in Verb},
    "button": {
        **dict.fromkeys(test_everything.pressed(), CARDS),
        "approve_batch": f"{BATCHES}::test_a_click_answers_exactly_those_that_were_listed",
        "reject_batch": f"{BATCHES}::test_a_click_answers_exactly_those_that_were_listed",
        "grant_permit": f"{PERMITS}::test_its_card_asks_and_a_click_on_it_decides",
        "refuse_permit": f"{PERMITS}::test_its_card_asks_and_a_click_on_it_decides",
        "revoke_permit": f"{PERMITS}::test_its_card_follows_what_becomes_of_it",
        "take_escalation": "slack/test_calling.py::"
        "test_r124_the_button_says_that_somebody_has_it_and_goes_when_it_is_taken",
        "home_new": f"{HOMES}::test_new_plan_opens_the_form",
        "home_stop": f"{HOMES}::test_a_stop_wants_a_reason_and_is_ordered_in_this_persons_name",
        "home_resume": f"{HOMES}::test_a_stopped_house_offers_who_may_to_go_on",
    },
    "form": {
        asking.REJECT: f"{DESK}::test_reject_asks_why_and_hands_the_reason_over",
        asking.EDIT: "slack/test_editing.py::test_a_form_is_opened_filled_in_and_handed_over_once",
        asking.DETAILS: f"{DESK}::test_details_opens_everything_that_is_known",
        modals.ORDER: f"{HOMES}::test_a_stop_wants_a_reason_and_is_ordered_in_this_persons_name",
        wish.FORM: f"{WISHING}::test_a_sent_form_is_a_wish_in_the_channel_where_it_was_opened",
    },
    "delivery": {
        "heal_message": f"{DESK}::test_the_message_shortcut_shows_the_incident_of_that_message",
        "heal_global": f"{WISHING}::test_the_shortcut_without_a_message_opens_the_same_form",
        "app_home_opened": f"{DESK}::test_the_home_tab_shows_what_is_open",
        "app_mention": f"{DESK}::test_a_mention_is_answered_in_its_thread",
        "link_shared": "slack/test_unfurling.py::"
        "test_a_pasted_link_shows_how_its_incident_stands_and_nothing_to_press",
        "message.im": f"{DESK}::test_in_direct_messages_no_name_is_needed",
        "message.channels": "journeys/test_alert_channel.py::"
        "test_what_alertmanager_posts_into_a_channel_is_healed_in_its_thread_and_closed",
        "message.groups": "slack/alerts/test_watch.py::"
        "test_an_alert_in_a_private_channel_is_read_as_well",
        "reaction_added": "slack/test_reactions.py::"
        "test_each_sign_is_one_request_and_is_answered_in_private",
    },
    "page": {
        "/": f"{SITE}::test_a_run_and_the_door_lead_to_pages",
        "/runs": f"{SITE}::test_a_list_is_passed_on_by_its_address_page_by_page",
        "/runs/{run}": f"{SITE}::test_a_run_and_the_door_lead_to_pages",
        "/incidents/{incident}": f"{SITE}::"
        "test_an_incident_is_told_whole_with_its_plan_its_people_and_its_readings",
        "/incidents/{incident}/proof.json": f"{SITE}::"
        "test_a_signed_ledger_proves_each_entry_from_its_own_hashes",
        "/incidents/{incident}/files/{name}": f"{SITE}::"
        "test_a_file_is_given_as_what_it_is_and_never_as_a_page",
        "/reports": f"{SITE}::test_a_report_is_made_once_for_all_who_look_within_a_minute",
        "/sign-in": f"{SITE}::test_a_stranger_is_shown_how_to_come_in_and_nothing_else",
        "/sign-in/slack": f"{SIGNING}::"
        "test_slack_is_asked_with_a_state_a_nonce_and_a_challenge_that_are_new_each_time",
        "/sign-in/back": f"{SIGNING}::"
        "test_who_signs_in_goes_where_they_were_going_and_sees_everything",
        "/sign-out": f"{SITE}::test_signing_out_is_no_link",
    },
}


def test_what_people_can_reach_is_what_the_table_says() -> None:
    there = {
        "word": {verb.value for verb in Verb},
        "button": set(_named("button", 0)),
        "form": set(_callbacks()),
        "delivery": _deliveries(),
        "page": {one.path for one in _routes()},
    }

    assert {kind: set(table) for kind, table in REACHED.items()} == there


def _named(function: str, place: int) -> Iterator[str]:
    """What the cards hand over by the name of a constant in this place of a call."""
    for module in house.modules():
        if module.name.startswith("bot.slack.cards."):
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == f"parts.{function}":
                    constant = ast.unparse(node.args[place])
                    yield getattr(importlib.import_module(module.name), constant)


def _callbacks() -> Iterator[str]:
    for module in house.modules():
        if module.name.startswith("bot.slack.cards."):
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Dict):
                    for key, value in zip(node.keys, node.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value == "callback_id":
                            yield getattr(importlib.import_module(module.name), ast.unparse(value))


def _routes() -> list[RouteDef]:
    gate = Gate(Links(), Clock(), Members(), Peers(()), None)
    return Site(gate, None, None, Clock(), "").routes()  # type: ignore[arg-type]


def _deliveries() -> set[str]:
    told = yaml.safe_load((house.ROOT / "deploy/slack/manifest.yaml").read_text())
    shortcuts = {one["callback_id"] for one in told["features"]["shortcuts"]}
    return shortcuts | set(told["settings"]["event_subscriptions"]["bot_events"])


@pytest.mark.parametrize(
    ("kind", "what"), [(kind, what) for kind, table in REACHED.items() for what in table]
)
def test_a_test_reaches_it(kind: str, what: str) -> None:
    assert test_requirements.shown(REACHED[kind][what])
