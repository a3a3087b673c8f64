"""The doctor asks PagerDuty about each schedule that a role names, and says who is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.doctor import correspondents, pagers
from bot.doctor.finding import Finding, State
from tests.desks import irms, jsms, stands
from tests.doctor.bodies import Body, examined, healthy, listening
from tests.pagers import pagerduties
from tests.pagers.pagerduties import KEY

RULES = "policy/rules.yaml"
NAME = "schedule pagerduty:PSHOP"
SCOPE = "scopes: approval by who is on call"


def calling(body: Body, url: str, key: str = KEY) -> Body:
    """Have a role name a schedule of PagerDuty, beside a group."""
    role = "roles: {sre: {groups: [oncall], schedules: ['pagerduty:PSHOP']}}\n"
    body.write(RULES, "approvers:\n", f"{role}approvers:\n")
    body.environment |= {"HEAL_PAGERDUTY_TOKEN": key, "HEAL_PAGERDUTY_URL": url}
    return body


async def found(
    directory: Path, *emails: str, key: str = KEY, schedule: str = "PSHOP", scope: bool = True
) -> dict[str, Finding]:
    """What is found with these on call by a schedule of this id, by name."""
    async with pagerduties.opened() as pagerduty, listening() as port:
        pagerduty.put(schedule, *emails)
        body = calling(healthy(directory, port), pagerduty.url, key)
        if not scope:
            body.app = replace(body.app, scopes=body.app.scopes - {"users:read.email"})
        return {one.name: one for one in await examined(body)}


async def test_a_schedule_in_order_is_told_with_who_is_on_call(tmp_path: Path) -> None:
    told = await found(tmp_path, "ana@example.com", "andre@example.com")

    assert (told[NAME].state, told[NAME].found) == (State.OK, "U0ANA, U0ANDRE on call now")
    assert told["role sre"].found == "3, 1 needed at most"
    assert told[SCOPE].state is State.OK
    assert {one.state for one in told.values()} == {State.OK}


async def test_who_has_no_account_in_slack_is_named_with_the_remedy(tmp_path: Path) -> None:
    told = (await found(tmp_path, "ana@example.com", "cleo@example.com"))[NAME]

    assert told.state is State.WARNING
    assert told.found.startswith("PagerDuty has 'Cleo' on call, but Slack knows nobody of")
    assert "mend their address" in told.remedy


async def test_nobody_in_slack_who_is_on_call_fails(tmp_path: Path) -> None:
    assert (await found(tmp_path, "cleo@example.com"))[NAME].state is State.FAILED


async def test_a_schedule_that_is_not_there_fails(tmp_path: Path) -> None:
    told = (await found(tmp_path, schedule="POTHER"))[NAME]

    assert told.state is State.FAILED
    assert "PagerDuty knows no schedule 'PSHOP': write the id" in told.found


async def test_a_token_that_is_not_taken_fails_and_is_not_told(tmp_path: Path) -> None:
    told = await found(tmp_path, "ana@example.com", key="wrong-9d2x")

    assert told[NAME].state is State.FAILED
    assert "does not take HEAL_PAGERDUTY_TOKEN (401)" in told[NAME].found
    assert "wrong-9d2x" not in str(told)


async def test_nobody_on_call_is_told_with_what_pagerduty_wants(tmp_path: Path) -> None:
    told = (await found(tmp_path))[NAME]

    assert (told.state, told.found) == (State.WARNING, "nobody is on call by it now")
    assert "into an escalation policy" in told.remedy


async def test_without_the_scope_it_is_said_that_nobody_can_be_found(tmp_path: Path) -> None:
    told = await found(tmp_path, "ana@example.com", scope=False)

    assert told[SCOPE].state is State.FAILED
    assert "users:read.email" in told[NAME].found
    assert told[NAME].state is State.FAILED


async def test_an_address_that_is_not_safe_fails_without_being_asked(tmp_path: Path) -> None:
    async with listening() as port:
        body = calling(healthy(tmp_path, port), "http://pager.example")
        told = {one.name: one for one in await examined(body)}

    assert told["roles"].state is State.FAILED
    assert "HEAL_PAGERDUTY_URL" in told["roles"].found
    assert NAME not in told


async def test_a_house_without_pagerduty_hears_nothing_of_it(tmp_path: Path) -> None:
    async with listening() as port:
        body = healthy(tmp_path, port)
        body.app = replace(body.app, scopes=body.app.scopes - {"users:read.email"})
        told = await examined(body)

    assert {one.state for one in told} == {State.OK}
    assert [one for one in told if "pager" in one.name.lower() or one.name == SCOPE] == []


async def test_schedules_of_other_pagers_are_asked_the_same(tmp_path: Path) -> None:
    async with irms.opened() as irm, jsms.opened() as jsm, listening() as port:
        irm.on_call("SSHOP0001", "ana@example.com")
        jsm.lock()
        names = "['irm:SSHOP0001', 'jsm:SSHOP0001']"
        role = f"roles: {{sre: {{groups: [oncall], schedules: {names}}}}}\n"
        body = healthy(tmp_path, port)
        body.write(RULES, "approvers:\n", f"{role}approvers:\n")
        for pager, settings in (("IRM", stands.of_irm(irm)), ("JSM", stands.of_jsm(jsm))):
            body.environment |= {f"HEAL_{pager}_{n.upper()}": t for n, t in settings.items()}
        told = {
            one.name: one for one in await examined(body, pagers.schedules, correspondents.reached)
        }
    shut, kept = told["schedule jsm:SSHOP0001"], told["jsm in step"]

    assert told["schedule irm:SSHOP0001"].found == "U0ANA on call now"
    assert told["irm in step"].state is State.OK
    assert (shut.state, kept.state) == (State.FAILED, State.FAILED)
    assert "HEAL_JSM_TOKEN" in shut.found
    assert "docs/pagers.md" in kept.remedy
