"""Connectors of one's own, opened by name with the options in BATON_CONNECTORS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api import Outside, company, new_api, order
from baton.app import App
from baton.connectors import BUILT_IN, ConnectorMisconfigured, ConnectorUnknown, Registry
from baton.connectors.payments.fake import CONNECTOR as FAKE
from baton.platform.settings import Settings


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's package with a gateway, as if it were installed."""
    registry = Registry([*BUILT_IN, replace(FAKE, name="acme")])
    monkeypatch.setattr(Registry, "installed", classmethod(lambda _cls: registry))


def test_a_named_gateway_takes_the_money_of_tenders_that_name_it(
    dsn: str, outside: Outside, acme: None
) -> None:
    chosen = {"payments.acme": {"address": outside.gateway, "timeout_s": 2}}
    app = App.on(outside.settings(connectors=chosen), dsn)
    try:
        shop = new_api(app)
        company(shop)
        body = order("A1", {"SKU-1": 1})
        body["tenders"][0]["provider"] = "acme"
        taken = shop.release(body)
        assert taken["payment_status"] == "authorised"
        assert taken["payments"][0]["provider"] == "acme"
        assert outside.paid(taken["number"], "authorise") == 1000
    finally:
        app.close()


@pytest.mark.parametrize(
    ("chosen", "error", "said"),
    [
        ({"payments.nobody": {}}, ConnectorUnknown, "'nobody'; installed: acme, fake"),
        ({"nowhere.acme": {}}, ConnectorUnknown, "<port>.<name>"),
        ({"payments.acme": {}}, ConnectorMisconfigured, "address"),
        ({"payments.acme": {"address": "http://x", "secret": 1}}, ConnectorMisconfigured, "secret"),
    ],
)
def test_a_connector_that_cannot_be_opened_stops_the_start(
    dsn: str, acme: None, chosen: dict[str, dict[str, object]], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        App.on(Settings(connectors=chosen), dsn)


def test_options_come_as_json_and_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_CONNECTORS", '{"payments.acme": {"token": "hush"}}')
    settings = Settings()
    assert settings.connectors == {"payments.acme": {"token": "hush"}}
    assert "hush" not in repr(settings)
