"""Where orders come from, on what terms, and which areas they sell from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from baton.values.ids import Id


class ChannelKind(StrEnum):
    """What a channel is, for those who work with it."""

    SHOP = "shop"
    MARKETPLACE = "marketplace"
    POINT_OF_SALE = "pos"
    PHONE = "phone"
    EDI = "edi"
    IMPORT = "import"


class Acceptance(StrEnum):
    """What happens to an order that stock does not cover.

    REFUSE takes all or nothing, PARTIAL cancels what is missing, BACKORDER lets it wait.
    MUST_ACCEPT is for what is sold already: nothing is refused, and what is missing is a shortage.
    """

    REFUSE = "refuse"
    PARTIAL = "partial"
    BACKORDER = "backorder"
    MUST_ACCEPT = "must_accept"


class CaptureAt(StrEnum):
    """When the buyer's money is taken; EXTERNAL is taken by somebody else, a marketplace say."""

    ORDER = "order"
    RELEASE = "release"
    SHIP = "ship"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """A channel to be saved, known again by `code`; `area_ids` in the order they are sold from."""

    code: str
    name: str
    kind: ChannelKind
    acceptance: Acceptance
    legal_entity_id: Id
    currency: str
    area_ids: tuple[Id, ...]
    prices_include_tax: bool = True
    capture_at: CaptureAt = CaptureAt.SHIP
    payment_provider: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Channel:
    """A source of orders. `payment_provider` is empty where money is taken elsewhere."""

    id: Id
    code: str
    name: str
    kind: ChannelKind
    acceptance: Acceptance
    legal_entity_id: Id
    currency: str
    prices_include_tax: bool
    capture_at: CaptureAt
    payment_provider: str
    active: bool
    area_ids: tuple[Id, ...]
