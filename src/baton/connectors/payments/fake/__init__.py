"""The fake gateway: a separate process that moves no money but keeps a ledger as if it did.

It is for the demo and for tests; `python -m example.gateway` starts it. What it is asked and
what it answers is described in README.md beside this file.
"""

from baton.connectors.payments.fake.client import FakeGateway, FakeSettings
from baton.connectors.record import Connector, Port
from baton.payments.port import Gateway, GatewayCapabilities

__all__ = ["CONNECTOR", "FakeGateway", "FakeSettings"]

CONNECTOR: Connector[Gateway] = Connector(
    name="fake",
    port=Port.PAYMENTS,
    capabilities=GatewayCapabilities(
        partial_capture=True,
        several_captures=True,
        void_after_capture=True,
        partial_refund=True,
        authorisation_days=7,
    ),
    settings=FakeSettings,
    open=lambda options: FakeGateway(FakeSettings.of(options)),
    doc="src/baton/connectors/payments/fake/README.md",
)
