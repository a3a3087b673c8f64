"""The HTTP side of the workspace: what a browser, a monitoring system and the bot can ask for."""
