"""Connectors that fulfil `baton.notifications.port`."""
