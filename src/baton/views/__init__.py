"""Reads across modules: what a page or a report shows. Nothing here writes."""
