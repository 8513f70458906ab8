"""What is sold: products, their SKUs, and the barcodes on them.

Owns       products, SKUs (weight, size, customs, price, cost, kind) and barcodes.
Tables     catalog.products · catalog.skus · catalog.barcodes
Verbs      save_products · save_skus (in batches, known again by code, nothing written twice)
Reads      skus_by_code · skus_by_id · skus_by_gtin · barcodes_of · page_of_skus ·
           products_by_code · products_by_id · page_of_products
Facts      catalog.product_saved · catalog.sku_saved
Invariants A SKU belongs to a product. A barcode is 14 digits and names one SKU. Codes are kept as
           they came, capitals and all.
"""

from baton.catalog.actions import save_products, save_skus, skus_by_gtin
from baton.catalog.store import (
    barcodes_of,
    page_of_products,
    page_of_skus,
    products_by_code,
    products_by_id,
    skus_by_code,
    skus_by_id,
    verify,
)

__all__ = [
    "barcodes_of",
    "page_of_products",
    "page_of_skus",
    "products_by_code",
    "products_by_id",
    "save_products",
    "save_skus",
    "skus_by_code",
    "skus_by_gtin",
    "skus_by_id",
    "verify",
]
