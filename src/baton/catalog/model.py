"""What is sold: products and their SKUs. Weights in grams, lengths in mm, money in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from baton.values.ids import Id
from baton.values.parcel import Dimensions

UNKNOWN_SIZE = Dimensions(0, 0, 0)


class SkuKind(StrEnum):
    """What a unit of a SKU is: only goods are stocked, picked and shipped."""

    GOODS = "goods"
    SERVICE = "service"
    GIFT_CARD = "gift_card"


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product to be saved, known again by `code`."""

    code: str
    title: str
    brand: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """What customers think of as one thing; its sizes and colours are SKUs."""

    id: Id
    code: str
    title: str
    brand: str
    category: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkuDraft:
    """A SKU to be saved, known again by `code`; `barcodes` are all that it has from then on."""

    code: str
    product_code: str
    title: str
    currency: str
    price_minor: int
    cost_minor: int = 0
    kind: SkuKind = SkuKind.GOODS
    weight_g: int = 0
    size: Dimensions = UNKNOWN_SIZE
    hs_code: str = ""
    origin_country: str = ""
    barcodes: tuple[str, ...] = ()
    active: bool = True
    ship_alone: bool = False


@dataclass(frozen=True, slots=True)
class Sku:
    """The unit that is stocked and sold. A weight or length of 0 is not known."""

    id: Id
    code: str
    product_id: Id
    title: str
    kind: SkuKind
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    hs_code: str
    origin_country: str
    currency: str
    price_minor: int
    cost_minor: int
    active: bool
    ship_alone: bool
