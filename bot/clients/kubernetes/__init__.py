"""Kubernetes: the one door to its client, and what the actions and probes of a cluster share."""
