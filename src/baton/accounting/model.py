"""The words of accounting: keys of postings, what happened, entries, accounts, values of stock.

Amounts are integers in minor units. In an entry debits are positive, credits negative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from baton.values.ids import NIL, Id

BOOK = "accounting.book"
LANE = "accounting"
PREFIX = "ent"
EXPORT_PREFIX = "exp"
BOOKED = frozenset(
    {
        "inventory.recorded",
        "inventory.transfer_received",
        "orders.appeased",
        "orders.shipped",
        "payments.captured",
        "payments.dispute_lost",
        "payments.dispute_opened",
        "payments.dispute_won",
        "payments.payout_booked",
        "payments.receivable_paid",
        "payments.refunded",
        "payments.taken",
        "returns.received",
        "returns.settled",
        "stored_value.moved",
    }
)
"""The facts that change the books; a flow has a reader for each."""
CHART = Id(int=0xBA70)
"""The subject of facts about the chart: a merchant has one."""


class Key(StrEnum):
    """What a line of an entry is for. The merchant maps each to an account."""

    RECEIVABLE = "receivable"
    DEPOSIT = "deposit"
    CLEARING_GATEWAY = "clearing.gateway"
    CLEARING_CHANNEL = "clearing.channel"
    BANK = "bank"
    PAYMENT_FEE = "fee.payment"
    REVENUE = "revenue.goods"
    REVENUE_SERVICE = "revenue.service"
    REVENUE_SHIPPING = "revenue.shipping"
    REVENUE_CHARGE = "revenue.charge"
    ADJUSTMENT = "revenue.adjustment"
    DISCOUNT = "discount"
    RETURNS = "returns"
    RETURN_FEE = "returns.fee"
    APPEASEMENT = "appeasement"
    TAX = "tax"
    BAD_DEBT = "bad_debt"
    GIFT_CARD_SALES = "gift_card.sales"
    GIFT_CARD = "gift_card.liability"
    STORE_CREDIT = "store_credit.liability"
    GOODWILL = "store_credit.granted"
    BREAKAGE = "stored_value.breakage"
    DISPUTED = "dispute.open"
    DISPUTE_LOSS = "dispute.lost"
    PAYOUT_DIFFERENCE = "payout.difference"
    STOCK = "stock"
    GOODS_RECEIVED = "stock.received"
    COST = "cost_of_goods_sold"
    STOCK_ADJUSTED = "stock.adjusted"
    STOCK_COUNTED = "stock.counted"
    STOCK_WRITTEN_OFF = "stock.written_off"
    PARTNER = "partner"
    EXCHANGE_GAIN = "exchange.gain"
    EXCHANGE_LOSS = "exchange.loss"
    ROUNDING = "rounding"


class AccountKind(StrEnum):
    """On which side of the balance sheet or result an account stands."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class Method(StrEnum):
    """How the cost of what leaves stock is found."""

    AVERAGE = "average"
    FIFO = "fifo"


class SourceState(StrEnum):
    """What became of a fact: `nothing` is to be booked for it, or it waits for a person."""

    WAITING = "waiting"
    BOOKED = "booked"
    NOTHING = "nothing"
    PARKED = "parked"


# ── what happened, as a flow reads it off a fact ───────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Origin:
    """Which fact an entry comes from, and whose books it stands in.

    `rate` is base currency for one unit of the currency; None where nobody knows it.
    """

    source_id: Id
    rule: str
    fact: str
    subject_id: Id
    legal_entity_id: Id
    day: date
    currency: str
    base_currency: str
    rate: Decimal | None
    order_id: Id | None = None
    channel_id: Id = NIL
    memo: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TaxPart:
    """Tax of one jurisdiction and rate. `codes`, the narrowest first, choose its account."""

    codes: tuple[str, ...]
    minor: int


@dataclass(frozen=True, slots=True)
class Item:
    """Part of a sale: net after discount; the discount that was given, net; tax apart."""

    key: Key
    net: int
    discount: int = 0
    taxes: tuple[TaxPart, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """Units left: what the buyer owes for them."""

    origin: Origin
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Credit:
    """What the buyer owes no more, without units leaving: returns, appeasements, write-offs.

    The amounts of `items` are positive where the buyer gets them; a fee kept is negative.
    `if_owed`: no more than what is owed by then, as for a debt that is given up.
    """

    origin: Origin
    items: tuple[Item, ...]
    if_owed: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """Money moved between the buyer and a pot of ours: positive came in, negative went out.

    `goodwill`: of what went out, what the buyer had not to get is an appeasement.
    """

    origin: Origin
    key: Key
    code: str
    amount: int
    goodwill: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A pot of ours moved against other accounts: a payout, a dispute, a card that was sold.

    `amount` is what the pot gains (negative: loses); the legs of `others` sum to its opposite.
    """

    origin: Origin
    key: Key
    code: str
    amount: int
    others: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What `units` cost together, in minor units of the base currency; None: nobody knows."""

    value: int
    units: int


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of a SKU came to or left a legal entity's stock.

    `key` is the other side. What comes in has a cost of its own (`cost`), or that of the order
    line which it left with, or that of what lies there. `standard` stands in where none is known.
    `seller_id` is the entity that sold them, where the stock is another's.
    """

    origin: Origin
    sku_id: Id
    units: int
    key: Key
    cost: UnitCost | None = None
    standard: UnitCost | None = None
    order_line: int | None = None
    seller_id: Id | None = None
    to_entity_id: Id | None = None


Occurrence = Sale | Credit | Money | Held | Goods


# ── entries ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Leg:
    """A line before its account is known. `base` None: the amount at the entry's rate.

    `codes` choose the account within the key, the narrowest first; the first one is kept.
    """

    key: Key
    amount: int
    base: int | None = None
    codes: tuple[str, ...] = ()
    sku_id: Id | None = None
    units: int = 0


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry before it is numbered: balanced in its currency and in the base currency."""

    origin: Origin
    lines: tuple[PostingLine, ...]


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One line with its account; debit positive."""

    account: str
    key: str
    amount: int
    base: int
    code: str = ""
    sku_id: Id | None = None
    units: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is kept: never changed, corrected by its reversal.

    `no` is dense in the books of its legal entity. `belongs_on` is the day of what happened,
    `booked_on` the day that it counts for: another, where the period was closed.
    """

    id: Id
    legal_entity_id: Id
    no: int
    source_id: Id
    rule: str
    fact: str
    subject_id: Id
    order_id: Id | None
    channel_id: Id
    currency: str
    base_currency: str
    rate: Decimal
    belongs_on: date
    booked_on: date
    booked_at: datetime
    actor: str
    memo: str
    note: str
    reverses: Id | None
    lines: tuple[PostingLine, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line of one account, with its entry's head and the balance after it, in base currency."""

    entry_id: Id
    entry_no: int
    line_no: int
    booked_on: date
    belongs_on: date
    fact: str
    order_id: Id | None
    memo: str
    key: str
    code: str
    currency: str
    amount: int
    base: int
    balance: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """An account over a period, in one currency and in base currency."""

    account: str
    currency: str
    opening: int
    debit: int
    credit: int
    base_opening: int
    base_debit: int
    base_credit: int

    @property
    def closing(self) -> int:
        return self.opening + self.debit - self.credit

    @property
    def base_closing(self) -> int:
        return self.base_opening + self.base_debit - self.base_credit


@dataclass(frozen=True, slots=True)
class Source:
    """A fact that is to be booked, and what became of it."""

    entry_id: Id
    fact: str
    subject_id: Id
    at: datetime
    state: SourceState
    code: str
    reason: str


# ── the chart ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the merchant's chart."""

    number: str
    name: str
    kind: AccountKind


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which account a key goes to: for one legal entity, channel or code, or for all (NIL, "")."""

    key: Key
    account: str
    legal_entity_id: Id = NIL
    channel_id: Id = NIL
    code: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Accounts, and the mapping of keys to them; `saved` False: as shipped with Baton."""

    accounts: tuple[Account, ...]
    mappings: tuple[Mapping, ...]
    saved: bool = False


# ── what entries lean on: one row each, locked while it is booked on ───────────────────────


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books of a legal entity: its method, the last day that is closed, the next numbers."""

    legal_entity_id: Id
    base_currency: str
    method: Method
    closed_through: date | None
    next_no: int
    next_export: int


@dataclass(frozen=True, slots=True)
class Pot:
    """An amount that settles over time, and what it is worth in base currency."""

    amount: int = 0
    base: int = 0


@dataclass(frozen=True, slots=True)
class OrderAccount:
    """What a buyer owes for one order: `billed` less `received`; below zero it is a deposit."""

    order_id: Id
    legal_entity_id: Id
    currency: str
    billed: int = 0
    received: int = 0
    pot: Pot = field(default_factory=Pot)


@dataclass(frozen=True, slots=True)
class Layer:
    """Units that came in together and what they are worth; negative: sold before they came."""

    no: int
    units: int
    value: int


@dataclass(frozen=True, slots=True)
class Pool:
    """The stock of a SKU that a legal entity owns, oldest layer first, and its last known cost."""

    layers: tuple[Layer, ...] = ()
    next_no: int = 1
    last: UnitCost | None = None

    @property
    def units(self) -> int:
        return sum(layer.units for layer in self.layers)

    @property
    def value(self) -> int:
        return sum(layer.value for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Left:
    """What units of an order line cost that left and did not come back."""

    units: int = 0
    value: int = 0


@dataclass(frozen=True, slots=True)
class Export:
    """A period as it was written for another program: all entries up to `last_no` of its days."""

    id: Id
    legal_entity_id: Id
    number: int
    format: str
    first: date
    last: date
    last_no: int
    entries: int
    made_at: datetime
    actor: str
    repeats: tuple[int, ...] = ()
