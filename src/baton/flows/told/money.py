"""What payments, stored value and providers tell the books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from baton.access.model import LegalEntity
from baton.accounting.errors import FactUnfit
from baton.accounting.model import (
    Credit,
    Held,
    Item,
    Key,
    Leg,
    Money,
    Occurrence,
    Origin,
)
from baton.flows.told.world import World, order_origin
from baton.orders.model import Mode, Order
from baton.payments.model import EXTERNAL, GIFT_CARD, STORE_CREDIT
from baton.platform.journal import Entry
from baton.values.ids import NIL, Id


def taken(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Money that a marketplace or a till has taken: it owes it to us."""
    header = world.orders[entry.subject_id].header
    if header.mode is Mode.LIVE and entry.data["amount_minor"]:
        yield _money(world, entry, int(entry.data["amount_minor"]))


def captured(world: World, entry: Entry) -> Iterable[Occurrence]:
    yield _money(world, entry, int(entry.data["amount_minor"]))


def refunded(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Money went back: for a return, for what was cancelled, or as a person wished."""
    subject = Id(entry.data["paid_for"]) if entry.data["paid_for"] else entry.subject_id
    asked = subject in world.settlements or subject == entry.subject_id
    money = _money(world, entry, -int(entry.data["amount_minor"]))
    yield replace(money, goodwill=not asked)


def _money(world: World, entry: Entry, amount: int) -> Money:
    provider = entry.data.get("provider") or world.providers[Id(entry.data["payment_id"])]
    key, code = _HOLDERS.get(provider, Key.CLEARING_GATEWAY), provider
    if provider == EXTERNAL:
        header = world.orders[entry.subject_id].header
        key, code = Key.CLEARING_CHANNEL, world.channels[header.channel_id].code
    return Money(order_origin(world, entry, "money"), key, code, amount)


_HOLDERS = {GIFT_CARD: Key.GIFT_CARD, STORE_CREDIT: Key.STORE_CREDIT}


def debt_ended(world: World, entry: Entry) -> Iterable[Occurrence]:
    """A debt that was paid to the bank, or given up. What a gateway collected is told by itself."""
    amount = int(entry.data["amount_minor"])
    match entry.data["how"]:
        case "paid_elsewhere":
            yield Money(order_origin(world, entry, "money"), Key.BANK, "elsewhere", amount)
        case "written_off":
            yield Credit(
                order_origin(world, entry, "credit"), (Item(Key.BAD_DEBT, amount),), if_owed=True
            )
        case "collected":
            pass
        case how:
            raise FactUnfit(f"Nobody knows how a debt ends by {how!r}: book it by hand.")


_CAUSES = {
    "sold": Key.GIFT_CARD_SALES,
    "granted": Key.GOODWILL,
    "corrected": Key.GOODWILL,
    "expired": Key.BREAKAGE,
}


def value_moved(world: World, entry: Entry) -> Iterable[Occurrence]:
    """A card was sold, credit given, or either lapsed. What orders pay with it or get back as it
    is told by their payments."""
    data = entry.data
    if data["cause"] in ("redeemed", "returned"):
        return
    order = world.orders.get(Id(data["order_id"])) if data["order_id"] else None
    currency, amount = str(data["currency"]), int(data["amount_minor"])
    entity = keeper(world, order, currency)
    same = order is not None and order.header.currency == currency
    origin = Origin(
        source_id=entry.id,
        rule="stored_value",
        fact=entry.fact,
        subject_id=entry.subject_id,
        legal_entity_id=entity.id,
        day=entry.at.date(),
        currency=currency,
        base_currency=entity.base_currency,
        rate=order.header.base_rate
        if order is not None and same
        else world.rates.get((entry.at.date(), currency, entity.base_currency)),
        channel_id=order.header.channel_id if order is not None else NIL,
        memo=order.number if order is not None else str(data["reason"]),
    )
    other = Leg(_CAUSES[data["cause"]], amount)
    yield Held(origin, _HOLDERS[data["kind"]], data["kind"], -amount, (other,))


def keeper(world: World, order: Order | None, currency: str) -> LegalEntity:
    """Whose books stored value stands in: its order's, else the first with this currency."""
    if order is not None:
        return world.entities[order.header.legal_entity_id]
    kept = sorted(world.entities.values(), key=lambda e: (e.base_currency != currency, e.code))
    return kept[0]


def disputed(world: World, entry: Entry) -> Iterable[Occurrence]:
    """The buyer's bank took money back; what the provider takes for it comes with its payout."""
    yield _in_dispute(world, entry, -int(entry.data["amount_minor"]))


def dispute_won(world: World, entry: Entry) -> Iterable[Occurrence]:
    """The money is back with the provider."""
    yield _in_dispute(world, entry, int(entry.data["amount_minor"]))


def _in_dispute(world: World, entry: Entry, amount: int) -> Held:
    origin = replace(order_origin(world, entry, "dispute"), order_id=None)
    other = Leg(Key.DISPUTED, -amount, codes=(str(entry.data["provider"]),))
    return Held(origin, Key.CLEARING_GATEWAY, str(entry.data["provider"]), amount, (other,))


def dispute_lost(world: World, entry: Entry) -> Iterable[Occurrence]:
    """The money is gone for good: a loss."""
    amount, provider = int(entry.data["amount_minor"]), str(entry.data["provider"])
    origin = replace(order_origin(world, entry, "dispute"), order_id=None)
    legs = (
        Leg(Key.DISPUTE_LOSS, amount, codes=(provider,)),
        Leg(Key.DISPUTED, -amount, codes=(provider,)),
    )
    yield Held(origin, Key.CLEARING_GATEWAY, provider, 0, legs)


def paid_out(world: World, entry: Entry) -> Iterable[Occurrence]:
    """A provider paid what it had collected, less its fees; lines that nobody knows apart."""
    data = entry.data
    provider, currency = str(data["provider"]), str(data["currency"])
    entity = keeper(world, None, currency)
    origin = Origin(
        source_id=entry.id,
        rule="payout",
        fact=entry.fact,
        subject_id=entry.subject_id,
        legal_entity_id=entity.id,
        day=entry.at.date(),
        currency=currency,
        base_currency=entity.base_currency,
        rate=world.rates.get((entry.at.date(), currency, entity.base_currency)),
        memo=str(data["payout_ref"]),
    )
    gross, strange = int(data["gross_minor"]), sum(line[3] for line in data["unmatched"])
    legs = (
        Leg(Key.BANK, int(data["net_minor"]), codes=(provider,)),
        Leg(Key.PAYMENT_FEE, int(data["fee_minor"]), codes=(provider,)),
        Leg(Key.PAYOUT_DIFFERENCE, -strange, codes=(provider,)),
    )
    yield Held(origin, Key.CLEARING_GATEWAY, provider, strange - gross, legs)


def appeased(world: World, entry: Entry) -> Iterable[Occurrence]:
    """Money is given out of goodwill; that it goes back is told by the refund."""
    item = Item(Key.APPEASEMENT, int(entry.data["amount_minor"]))
    yield Credit(order_origin(world, entry, "credit"), (item,))
