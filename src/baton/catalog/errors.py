"""What the catalogue refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid, Refused


class CatalogInvalid(Invalid):
    """A product or SKU can't be kept as it was sent."""

    code = "catalog_invalid"


class GtinInvalid(Invalid):
    """A barcode is no GTIN of 8, 12, 13 or 14 digits, or its check digit is wrong."""

    code = "gtin_invalid"


class ProductUnknown(Invalid):
    """A SKU names a product that there is not."""

    code = "product_unknown"


class BarcodeTaken(Refused):
    """Another SKU has this barcode: one barcode names one SKU."""

    code = "barcode_taken"
