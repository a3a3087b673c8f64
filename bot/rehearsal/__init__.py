"""Rehearsal: everything that lets the bot run, be shown and be tested without the outside world."""
