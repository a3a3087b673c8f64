"""Users and user groups."""

from __future__ import annotations

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.wire import Json, Refused
from bot.rehearsal.workspace.world import World


def one_user(office: Office, args: Args) -> Json:
    return {"user": user(office.world, args.need("user"))}


def users_list(office: Office, args: Args) -> Json:
    world = office.world
    ids, following = args.page([*world.people, world.app.user_id])
    return {
        "members": [user(world, one) for one in ids],
        "cache_ts": world.seconds(),
        "response_metadata": {"next_cursor": following},
    }


def users_by_email(office: Office, args: Args) -> Json:
    world, email = office.world, args.need("email").lower()
    for person in world.people.values():
        if person.email.lower() == email and person.id not in world.departed:
            return {"user": user(world, person.id)}
    raise Refused("users_not_found")


def usergroups_list(office: Office, args: Args) -> Json:
    groups = []
    for group in office.world.cast.groups:
        members = active_members(office.world, group.id)
        told = {
            "id": group.id,
            "team_id": office.world.cast.team_id,
            "is_usergroup": True,
            "handle": group.handle,
            "name": group.handle.capitalize(),
            "date_delete": 0,
            "user_count": len(members),
        }
        groups.append({**told, "users": members} if args.flag("include_users") else told)
    return {"usergroups": groups}


def usergroup_members(office: Office, args: Args) -> Json:
    group = args.need("usergroup")
    if group not in office.world.groups:
        raise Refused("no_such_subteam")
    return {"users": active_members(office.world, group)}


def active_members(world: World, group: str) -> list[str]:
    """The members who can still sign in; Slack leaves deactivated people out."""
    return [member for member in world.groups[group] if member not in world.departed]


def user(world: World, user_id: str) -> Json:
    """A user as `users.info` tells it; the address only with the scope for it."""
    if user_id == world.app.user_id:
        return _bot(world)
    person = world.people.get(user_id)
    if person is None:
        raise Refused("user_not_found")
    profile = {
        "real_name": person.real_name,
        "display_name": person.name,
        "title": person.role,
        "team": world.cast.team_id,
    }
    if "users:read.email" in world.app.scopes:
        profile["email"] = person.email
    return {
        "id": person.id,
        "team_id": world.cast.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "color": person.colour,
        "deleted": person.id in world.departed,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "profile": profile,
        "is_admin": False,
        "is_bot": False,
        "is_app_user": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "updated": 1,
        **({world.guests[person.id]: True} if person.id in world.guests else {}),
    }


def _bot(world: World) -> Json:
    app = world.app
    return {
        "id": app.user_id,
        "team_id": world.cast.team_id,
        "name": app.name,
        "real_name": app.name.capitalize(),
        "deleted": False,
        "profile": {"real_name": app.name.capitalize(), "bot_id": app.bot_id, "api_app_id": app.id},
        "is_bot": True,
        "is_app_user": False,
        "updated": 1,
    }


METHODS = {
    "users.info": Method(one_user, "users:read"),
    "users.list": Method(users_list, "users:read"),
    "users.lookupByEmail": Method(users_by_email, "users:read.email"),
    "usergroups.list": Method(usergroups_list, "usergroups:read"),
    "usergroups.users.list": Method(usergroup_members, "usergroups:read"),
}
