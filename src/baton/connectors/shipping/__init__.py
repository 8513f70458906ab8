"""Connectors that fulfil `baton.shipping.port`."""
