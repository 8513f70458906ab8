"""Connectors that fulfil `baton.tax.port`."""
