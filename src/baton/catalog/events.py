"""Facts about what is sold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact


@dataclass(frozen=True, slots=True)
class ProductSaved(Fact):
    """A product is new, or the fields named in `changed` are."""

    fact: ClassVar[str] = "catalog.product_saved"
    subject: ClassVar[str] = "product"

    code: str
    new: bool
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkuSaved(Fact):
    """A SKU is new, or the fields named in `changed` are."""

    fact: ClassVar[str] = "catalog.sku_saved"
    subject: ClassVar[str] = "sku"

    code: str
    new: bool
    changed: tuple[str, ...] = ()
