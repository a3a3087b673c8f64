"""Who am I, where am I: auth, api, team, bots, and the app's own connections."""

from __future__ import annotations

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.wire import Json, Refused


def auth_test(office: Office, _: Args) -> Json:
    world = office.world
    return {
        "url": f"{world.url}/",
        "team": world.cast.team_name,
        "user": world.app.name,
        "team_id": world.cast.team_id,
        "user_id": world.app.user_id,
        "bot_id": world.app.bot_id,
        "is_enterprise_install": False,
    }


def api_test(_: Office, args: Args) -> Json:
    if error := args.text("error"):
        raise Refused(error, args=args.given)
    return {"args": args.given}


def team(office: Office, _: Args) -> Json:
    cast = office.world.cast
    return {"team": {"id": cast.team_id, "name": cast.team_name, "domain": "local"}}


def bot(office: Office, args: Args) -> Json:
    app = office.world.app
    if args.text("bot") not in {None, app.bot_id}:
        raise Refused("bot_not_found")
    return {
        "bot": {
            "id": app.bot_id,
            "app_id": app.id,
            "name": app.name,
            "user_id": app.user_id,
            "deleted": False,
            "updated": office.world.seconds(),
        }
    }


def connections_open(office: Office, _: Args) -> Json:
    return {"url": office.sockets.new_url()}


METHODS = {
    "auth.test": Method(auth_test),
    "api.test": Method(api_test, open_to_all=True),
    "team.info": Method(team, "team:read"),
    "bots.info": Method(bot, "users:read"),
    "apps.connections.open": Method(connections_open, "connections:write", app_token=True),
}
