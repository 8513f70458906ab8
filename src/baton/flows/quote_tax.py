"""What the tax of a sale would be, before there is an order: for a shop's cart, or on the phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from baton import access, catalog, channels, tax
from baton.catalog.model import Sku, SkuKind
from baton.channels.model import Channel
from baton.flows.determine_tax import countries_of, place_of, request_of, seller_of
from baton.platform.db import Tx
from baton.tax import vat_ids
from baton.tax.errors import QuoteInvalid
from baton.tax.model import (
    EVERYWHERE,
    STANDARD,
    Buyer,
    Determination,
    Determined,
    Item,
    ItemKind,
    Source,
    State,
    Supply,
)
from baton.tax.port import QuoteRequest
from baton.tax.reckoning import determined
from baton.values import Address, Id
from baton.values.ids import NIL

_KINDS = {
    SkuKind.GOODS: ItemKind.GOODS,
    SkuKind.SERVICE: ItemKind.SERVICE,
    SkuKind.GIFT_CARD: ItemKind.VOUCHER,
}


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """Units of a SKU; `amount` for all of them, after discounts, in minor units."""

    sku: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class QuoteCharge:
    """A charge with its amount in minor units."""

    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be quoted. Without `tax_included` the channel's own way of prices counts."""

    channel: str
    lines: Sequence[QuoteLine]
    charges: Sequence[QuoteCharge] = ()
    destination: Address | None = None
    vat_id: str = ""
    customer_id: Id | None = None
    day: date | None = None
    tax_included: bool | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The tax of a sale that has not happened; amounts in minor units."""

    tax_included: bool
    day: date
    net_minor: int
    total_minor: int
    made: Determination
    service: str = ""
    ask: QuoteRequest | None = None

    def told(self, parts: tuple[Determined, ...], service: str) -> Quote:
        """The same cart with the taxes that a service has said."""
        tax = sum(part.tax_minor for part in parts)
        amounts = self.total_minor if self.tax_included else self.net_minor
        net = amounts - tax if self.tax_included else amounts
        made = replace(
            self.made, source=Source.SERVICE, service=service, state=State.FITS, note="",
            tax_minor=tax, expected_minor=tax, parts=parts,
        )  # fmt: skip
        return replace(self, net_minor=net, total_minor=net + tax, made=made)


def quote(tx: Tx, wanted: Wanted) -> Quote:
    """What the own tables say, and what the channel's service is to be asked, if it has one.

    Raises QuoteInvalid for an unknown channel or SKU, or VatIdInvalid.
    """
    channel = channels.channels_by_code(tx, [wanted.channel]).get(wanted.channel)
    if channel is None:
        raise QuoteInvalid(f"There is no channel {wanted.channel[:60]!r}.", field="channel")
    supply = _supply(tx, wanted, channel)
    tables = tax.tables(tx, countries_of(supply), supply.day)
    made = determined(NIL, supply, tables)
    amounts = sum(item.amount for item in supply.items)
    net = amounts - made.tax_minor if supply.tax_included else amounts
    service = _service(tx, channel)
    return Quote(
        supply.tax_included,
        supply.day,
        net,
        net + made.tax_minor,
        made,
        service,
        request_of("quote", channel.currency, supply) if service else None,
    )


def _service(tx: Tx, channel: Channel) -> str:
    kept = {t.channel_id: t.service for t in tax.terms(tx, [channel.legal_entity_id])}
    return kept.get(channel.id, kept.get(EVERYWHERE, ""))


def _supply(tx: Tx, wanted: Wanted, channel: Channel) -> Supply:
    included = channel.prices_include_tax if wanted.tax_included is None else wanted.tax_included
    day = wanted.day or tx.now.date()
    entity = access.legal_entities_by_id(tx, [channel.legal_entity_id])[channel.legal_entity_id]
    skus = catalog.skus_by_code(tx, sorted({line.sku for line in wanted.lines}))
    categories = tax.sku_categories(tx, [sku.id for sku in skus.values()])
    customers = [wanted.customer_id] if wanted.customer_id else []
    return Supply(
        day=day,
        tax_included=included,
        seller=seller_of(entity, tax.registrations(tx, [entity.id]), day),
        buyer=Buyer(
            vat_ids.normalised(wanted.vat_id) if wanted.vat_id else "",
            tuple(tax.exemptions(tx, customers)) if customers else (),
        ),
        items=(*_lines(wanted, skus, categories), *_charges(wanted)),
    )


def _lines(wanted: Wanted, skus: Mapping[str, Sku], categories: Mapping[Id, str]) -> list[Item]:
    items = []
    for place, line in enumerate(wanted.lines):
        sku = skus.get(line.sku)
        if sku is None:
            raise QuoteInvalid(
                f"The catalogue has no SKU {line.sku[:80]!r}.", field=f"lines.{place}.sku"
            )
        items.append(
            Item(
                line_no=place + 1,
                charge_no=0,
                kind=_KINDS[sku.kind].value,
                category=categories.get(sku.id, STANDARD),
                amount=line.amount,
                quantity=line.quantity,
                given=None,
                to=place_of(wanted.destination),
            )
        )
    return items


def _charges(wanted: Wanted) -> list[Item]:
    return [
        Item(0, number, charge.kind, "", charge.amount, 1, None, place_of(wanted.destination))
        for number, charge in enumerate(wanted.charges, 1)
    ]
