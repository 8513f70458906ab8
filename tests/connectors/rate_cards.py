"""A rate card for tests, as plain data and as a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from baton.connectors.shipping.flat_rate import FlatRateCarrier, FlatRateSettings
from baton.values.address import Address

HERE = Address("Warehouse", ("Speicherstraße 12",), "Hamburg", "DE", "20457")

CARD: dict[str, Any] = {
    "currency": "EUR",
    "zones": [
        {"name": "Local", "up_to_km": 100},
        {"name": "National", "up_to_km": 800},
        {"name": "Far", "up_to_km": None},
    ],
    "services": [
        {
            "code": "standard",
            "name": "Standard",
            "days": [[1, 2], [2, 3], [3, 6]],
            "brackets": [
                {"up_to_g": 2000, "prices_minor": [390, 490, 990]},
                {"up_to_g": 10000, "prices_minor": [590, 790, 1790]},
                {"up_to_g": 31500, "prices_minor": [990, 1290, 3490]},
            ],
        },
        {
            "code": "express",
            "name": "Express",
            "days": [[1, 1], [1, 1], [1, 2]],
            "brackets": [
                {"up_to_g": 2000, "prices_minor": [990, 1290, 2990]},
                {"up_to_g": 20000, "prices_minor": [1490, 1990, 4990]},
            ],
        },
    ],
}


def carrier(ledger: Path | None = None, **options: object) -> FlatRateCarrier:
    """A carrier with CARD."""
    return FlatRateCarrier(FlatRateSettings.of({"rate_card": CARD, "ledger": ledger, **options}))
