"""The packing slip: what is in the box, for whoever opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baton.connectors.documents.addresses import postal_lines, printed
from baton.connectors.documents.typesetting import Typesetter
from baton.shipping.port import PackingSlip

TEMPLATE = Path(__file__).with_name("packing_slip.typ")


@dataclass(frozen=True, slots=True)
class SlipSheet:
    """Every text on the slip; a line is (quantity, SKU, name)."""

    seller: str
    ship_from: tuple[str, ...]
    ship_to: tuple[str, ...]
    order_number: str
    ships_on: str
    package: str
    tracking_no: str
    lines: tuple[tuple[str, str, str], ...]
    units: str
    note: str


class TypstDocuments:
    """The `Documents` port, set by typst."""

    def __init__(self, *, font_dirs: Sequence[Path] = ()) -> None:
        self._typesetter = Typesetter(TEMPLATE, font_dirs=font_dirs)

    def packing_slip(self, slip: PackingSlip) -> bytes:
        return self._typesetter.pdf(slip_sheet(slip), on=slip.ships_on)


def slip_sheet(slip: PackingSlip) -> SlipSheet:
    """What the slip says."""
    return SlipSheet(
        seller=printed(slip.ship_from.company or slip.ship_from.name, 60),
        ship_from=postal_lines(slip.ship_from),
        ship_to=postal_lines(slip.ship_to),
        order_number=printed(slip.order_number, 40),
        ships_on=slip.ships_on.isoformat(),
        package=f"{slip.package} of {slip.packages}",
        tracking_no=printed(slip.tracking_no, 40),
        lines=tuple(
            (str(line.quantity), printed(line.sku, 60), printed(line.name, 200))
            for line in slip.lines
        ),
        units=str(sum(line.quantity for line in slip.lines)),
        note=printed(slip.note, 1000),
    )
