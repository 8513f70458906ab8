"""Connectors that fulfil `baton.payments.port`."""
