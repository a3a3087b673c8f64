"""Slack: what people say there becomes calls on ports, what happened becomes messages there."""
