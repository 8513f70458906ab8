"""What an order is: drafts as they come in, and the order as it is kept.

A line has no status. Each of its units is in exactly one bucket; `ordered` is their sum and
never falls. Statuses are read off the buckets (`rules.status`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from baton.values import Address, Id

PREFIX = "ord"
HOLD_PREFIX = "hld"
EXCEPTION_PREFIX = "exc"


class Bucket(StrEnum):
    """Where a unit of a line is; each unit is in exactly one."""

    PARKED = "parked"
    OPEN = "open"
    BACKORDERED = "backordered"
    RESERVED = "reserved"
    ALLOCATED = "allocated"
    RELEASED = "released"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


BUCKETS = tuple(Bucket)


class Status(StrEnum):
    """The headline of an order: how far its least advanced units are."""

    PARKED = "parked"
    OPEN = "open"
    BACKORDERED = "backordered"
    RESERVED = "reserved"
    ALLOCATED = "allocated"
    RELEASED = "released"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Health(StrEnum):
    """Whether somebody has to look: never mixed with the status."""

    OK = "ok"
    ATTENTION = "attention"
    BLOCKED = "blocked"


class Mode(StrEnum):
    """A live order is worked; one from history enters as what it became."""

    LIVE = "live"
    HISTORY = "history"


class Method(StrEnum):
    SHIP = "ship"
    PICKUP = "pickup"


class LineKind(StrEnum):
    GOODS = "goods"
    SERVICE = "service"
    GIFT_CARD = "gift_card"


class ChargeKind(StrEnum):
    SHIPPING = "shipping"
    WRAP = "wrap"
    FEE = "fee"
    DUTY = "duty"
    DISCOUNT = "discount"
    ADJUSTMENT = "adjustment"
    GIFT_VOUCHER = "gift_voucher"
    OTHER = "other"


class Transition(StrEnum):
    """What a hold may block."""

    ROUTE = "route"
    RELEASE = "release"
    SHIP = "ship"


class HoldKind(StrEnum):
    """Known kinds; each blocks the transitions in `rules.BLOCKS` unless said otherwise."""

    ADDRESS = "address"
    CURRENCY = "currency"
    FRAUD = "fraud"
    MANUAL = "manual"
    PAYMENT = "payment"
    TOTALS = "totals"


# ── what comes in ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LineDraft:
    """`unit_price`, `discount` (over the line) and `tax` are minor units of the order."""

    sku: str
    quantity: int
    unit_price: int
    discount: int = 0
    tax: int = 0
    title: str = ""
    group: int = 1
    kind: LineKind = LineKind.GOODS


@dataclass(frozen=True, slots=True)
class ChargeDraft:
    kind: ChargeKind
    amount: int
    tax: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """One recipient, address and method; `location` is the code of the pick-up place."""

    number: int = 1
    method: Method = Method.SHIP
    address: Address | None = None
    location: str = ""
    service: str = "standard"
    needed_by: date | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class TenderDraft:
    """How the buyer pays: a token of the provider, never a card number."""

    method: str
    amount: int
    token: str = ""
    provider: str = ""
    authorised_ref: str = ""


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as a channel hands it in; `total` is what the buyer was told."""

    channel: str
    external_id: str
    placed_at: datetime
    currency: str
    total: int
    lines: tuple[LineDraft, ...]
    groups: tuple[GroupDraft, ...] = (GroupDraft(),)
    charges: tuple[ChargeDraft, ...] = ()
    tenders: tuple[TenderDraft, ...] = ()
    buyer_name: str = ""
    email: str = ""
    phone: str = ""
    channel_customer_id: str = ""
    billing: Address | None = None
    language: str = "en"
    base_rate: Decimal | None = None
    note: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = Mode.LIVE


# ── what is kept ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Line:
    """A line under its order's lock; the eight buckets sum to `ordered`."""

    line_no: int
    group_no: int
    kind: LineKind
    sku_id: Id | None
    sku_code: str
    title: str
    unit_weight_g: int
    ship_alone: bool
    unit_price: int
    discount: int
    tax: int
    total: int
    ordered: int
    parked: int = 0
    open: int = 0
    backordered: int = 0
    reserved: int = 0
    allocated: int = 0
    released: int = 0
    shipped: int = 0
    cancelled: int = 0
    delivered: int = 0
    lost: int = 0
    returned: int = 0
    invoiced: int = 0
    credited: int = 0
    replaces_line: int | None = None

    def units(self, bucket: Bucket) -> int:
        """Units of this line in `bucket`."""
        found: int = getattr(self, bucket.value)
        return found

    def moved(self, source: Bucket, target: Bucket, units: int) -> Line:
        """The line with `units` taken from one bucket to another."""
        assert 0 <= units <= self.units(source), f"{units} of {self.units(source)} {source}"
        counts: dict[str, Any] = {
            source.value: self.units(source) - units,
            target.value: self.units(target) + units,
        }
        return replace(self, **counts)


@dataclass(frozen=True, slots=True)
class Charge:
    charge_no: int
    kind: ChargeKind
    title: str
    amount: int
    tax: int
    credited: int = 0
    waives: int | None = None  # the charge that this one takes back


@dataclass(frozen=True, slots=True)
class Group:
    """A delivery group: who gets it, where, how, and what they were promised."""

    group_no: int
    method: Method
    location_id: Id | None
    recipient: str
    address: Address | None
    lat: float | None
    lon: float | None
    service: str
    needed_by: date | None = None
    ship_on: date | None = None
    promised_from: date | None = None
    promised_by: date | None = None
    promise: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """An objection with a reason and an author; it blocks named transitions until resolved."""

    id: Id
    kind: str
    reason: str
    blocks: tuple[Transition, ...]
    author: str
    placed_at: datetime
    level: str = "order"
    line_no: int | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What an order says about itself as a whole."""

    id: Id
    number: str
    channel_id: Id
    legal_entity_id: Id
    external_id: str
    mode: Mode
    customer_id: Id | None
    buyer_name: str
    email: str
    phone: str
    billing: Address | None
    language: str
    currency: str
    base_currency: str
    base_rate: Decimal | None
    prices_include_tax: bool
    goods_minor: int
    charges_minor: int
    tax_minor: int
    total_minor: int
    note: str
    attributes: Mapping[str, str]
    placed_at: datetime
    taken_at: datetime
    tracking_secret: str
    fingerprint: bytes
    status: Status = Status.OPEN
    health: Health = Health.OK
    version: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """An order with all that its rules look at. Changing it makes a new one."""

    header: Header
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    charges: tuple[Charge, ...]
    holds: tuple[Hold, ...] = ()
    exceptions: int = 0  # how many are open

    @property
    def id(self) -> Id:
        return self.header.id

    @property
    def number(self) -> str:
        return self.header.number

    def line(self, line_no: int) -> Line:
        """The line with this number; LookupError where there is none."""
        for line in self.lines:
            if line.line_no == line_no:
                return line
        raise LookupError(f"order {self.number} has no line {line_no}")

    def group(self, group_no: int) -> Group:
        """The delivery group with this number; LookupError where there is none."""
        for group in self.groups:
            if group.group_no == group_no:
                return group
        raise LookupError(f"order {self.number} has no delivery group {group_no}")

    def with_line(self, changed: Line) -> Order:
        """The order with one line replaced."""
        return replace(
            self, lines=tuple(changed if o.line_no == changed.line_no else o for o in self.lines)
        )

    def moved(self, source: Bucket, target: Bucket, units: Mapping[int, int]) -> Order:
        """The order with units of several lines moved: line number → units."""
        lines = tuple(
            line.moved(source, target, units[line.line_no]) if units.get(line.line_no) else line
            for line in self.lines
        )
        return replace(self, lines=lines)

    def blocked(self, transition: Transition) -> list[Hold]:
        """Open holds that forbid `transition`."""
        return [h for h in self.holds if h.resolved_at is None and transition in h.blocks]


@dataclass(frozen=True, slots=True)
class Exception_:  # noqa: N801  (the trade's word, kept apart from Python's)
    """Something a person must look at: cause, owner, age, suggested fix."""

    id: Id
    order_id: Id | None
    kind: str
    subject: str
    cause: str
    suggestion: str
    owner_id: Id | None = None
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None


class ChangeState(StrEnum):
    """How far a change of an order is."""

    PENDING = "pending"
    """Locations were asked for units back, and have not all answered."""
    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an order: who wanted what and why, and what it was and became.

    `version` numbers the applied ones without a gap. `waits` is fulfillment order → line → units
    that have to come back first; `hold_id` the hold that keeps the rest where it is meanwhile.
    """

    order_id: Id
    change_no: int
    id: Id | None
    kind: str
    state: ChangeState
    version: int | None
    actions: tuple[Mapping[str, Any], ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str
    actor: str
    at: datetime
    waits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    hold_id: Id | None = None
    settled_at: datetime | None = None
    outcome: str = ""
