"""Connectors that fulfil `TextSender` of `baton.notifications.port`."""
