"""Size and weight of things that are sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Outer size in millimetres."""

    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing that a carrier takes: its weight in grams, and its size where known."""

    weight_g: int
    dimensions: Dimensions | None = None
