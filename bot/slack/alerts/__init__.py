"""Alerts that monitoring posts into a channel: the text chooses, and its system tells.

A message counts only when an app or bot wrote it that a setting names for its channel. What it
says is text, and anybody may have written parts of it: so where its system can be asked, the
message only chooses among the alerts that it holds; where it cannot, the alert has no confidence
and a person decides. An edit can end an alert and never begin one.
"""
