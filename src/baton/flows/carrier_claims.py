"""Claims against carriers, for what they lost or broke."""

from __future__ import annotations

from baton import orders, returns, shipping
from baton.platform.db import Tx
from baton.returns.model import CarrierClaim
from baton.shipping.errors import ShipmentNotFound
from baton.values import Id, Money


def claim(tx: Tx, shipment_id: Id, amount_minor: int, reason: str, note: str) -> CarrierClaim:
    """Ask a carrier for an amount in the order's currency, once a shipment.

    Raises ShipmentNotFound, ReturnInvalid or ClaimSettled.
    """
    sent = shipping.by_ids(tx, [shipment_id])
    if not sent:
        raise ShipmentNotFound("No shipment has this id.", field="shipment_id")
    order = orders.locked(tx, sent[0].order_id)
    amount = Money(amount_minor, order.header.currency)
    return returns.claim_from_carrier(
        tx, order.id, shipment_id, sent[0].carrier, reason, amount, note
    )


def settle(tx: Tx, claim_id: Id, paid_minor: int, note: str) -> CarrierClaim:
    """The carrier answered: nothing paid is a refusal. Raises ClaimNotFound or ClaimSettled."""
    found = returns.carrier_claim(tx, claim_id)
    orders.locked(tx, found.order_id)
    return returns.settle_carrier_claim(tx, returns.carrier_claim(tx, claim_id), paid_minor, note)
