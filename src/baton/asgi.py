"""The one ASGI application: API and pages on one App."""

from __future__ import annotations

from fastapi import FastAPI

from baton.app import App
from baton.http.api import create as create_api
from baton.web import pages


def create(app: App) -> FastAPI:
    """API, customer pages and console on a running App."""
    application = create_api(app)
    pages.add_to(application)
    return application
