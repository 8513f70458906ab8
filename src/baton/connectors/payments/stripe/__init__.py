"""Stripe: PaymentIntents with manual capture, refunds, disputes, webhooks, payout files.

Built to the documented protocol and tested on published examples and a local fake of it; never
tried on a live account. See README.md beside this file.
"""

from baton.connectors.payments.stripe.client import StripeGateway, StripeSettings
from baton.connectors.record import Connector, Port
from baton.payments.port import Gateway, GatewayCapabilities

__all__ = ["CONNECTOR", "StripeGateway", "StripeSettings"]

CONNECTOR: Connector[Gateway] = Connector(
    name="stripe",
    port=Port.PAYMENTS,
    capabilities=GatewayCapabilities(
        partial_capture=True,
        several_captures=False,
        void_after_capture=False,
        partial_refund=True,
        authorisation_days=7,
    ),
    settings=StripeSettings,
    open=lambda options: StripeGateway(StripeSettings.of(options)),
    doc="src/baton/connectors/payments/stripe/README.md",
)
