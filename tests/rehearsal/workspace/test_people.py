"""Users and groups, as the bot's questions are answered."""

from __future__ import annotations

from dataclasses import replace

from bot.rehearsal.workspace import Cast, Workspace
from tests.rehearsal.workspace.typed import Client, ClientFor, Opened, Refusal


async def test_a_user_is_told_with_name_and_address(client: Client) -> None:
    user = (await client.users_info(user="U0ANDRE"))["user"]

    assert (user["name"], user["real_name"], user["deleted"]) == ("andre", "André Silva", False)
    assert user["profile"]["email"] == "andre@example.com"


async def test_without_its_scope_no_address_is_told(opened: Opened, client_for: ClientFor) -> None:
    cast = Cast()
    app = replace(cast.app, scopes=cast.app.scopes - {"users:read.email"})
    client = client_for(await opened(cast=replace(cast, app=app)))

    assert "email" not in (await client.users_info(user="U0ANA"))["user"]["profile"]


async def test_the_bot_itself_is_a_bot(client: Client) -> None:
    user = (await client.users_info(user="U0HEAL"))["user"]

    assert (user["is_bot"], user["profile"]["bot_id"]) == (True, "B0HEAL")


async def test_nobody_is_user_not_found(client: Client, refusal: Refusal) -> None:
    assert (await refusal(client.users_info(user="U0NOBODY")))["error"] == "user_not_found"


async def test_everybody_is_listed_in_pages(client: Client) -> None:
    first = await client.users_list(limit=3)
    rest = await client.users_list(cursor=first["response_metadata"]["next_cursor"])

    assert [u["name"] for u in first["members"]] == ["olivia", "andre", "ana"]
    assert [u["name"] for u in rest["members"]] == ["sam", "heal"]


async def test_a_person_is_found_by_address(client: Client, refusal: Refusal) -> None:
    found = await client.users_lookupByEmail(email="Ana@example.com")
    nobody = await refusal(client.users_lookupByEmail(email="nobody@example.com"))

    assert found["user"]["id"] == "U0ANA"
    assert nobody["error"] == "users_not_found"


async def test_a_deactivated_person_stays_known_and_leaves_every_group(
    workspace: Workspace, client: Client
) -> None:
    await workspace.deactivate("ana")

    assert (await client.users_info(user="U0ANA"))["user"]["deleted"] is True
    assert (await client.usergroups_users_list(usergroup="S0APPROVERS"))["users"] == ["U0ANDRE"]


async def test_groups_are_listed_with_their_members_if_asked(client: Client) -> None:
    plain = await client.usergroups_list()
    full = await client.usergroups_list(include_users=True)

    assert [g["handle"] for g in plain["usergroups"]] == ["oncall", "approvers"]
    assert "users" not in plain["usergroups"][0]
    assert full["usergroups"][1]["users"] == ["U0ANDRE", "U0ANA"]


async def test_a_group_changes_while_the_story_runs(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    await workspace.set_group("approvers", ["sam"])

    assert (await client.usergroups_users_list(usergroup="S0APPROVERS"))["users"] == ["U0SAM"]
    nothing = await refusal(client.usergroups_users_list(usergroup="S0NONE"))
    assert nothing["error"] == "no_such_subteam"


async def test_the_bot_is_told_by_its_bot_id(client: Client, refusal: Refusal) -> None:
    assert (await client.bots_info(bot="B0HEAL"))["bot"]["user_id"] == "U0HEAL"
    assert (await refusal(client.bots_info(bot="B0HOOK")))["error"] == "bot_not_found"
