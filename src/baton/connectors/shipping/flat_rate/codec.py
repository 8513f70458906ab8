"""A label request as what is printed on the label. Pure; `label.typ` sets it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from itertools import groupby

from barcode.codex import Code128

from baton.connectors.documents.addresses import postal_lines, printed
from baton.shipping.port import LabelRequest

LINES_MAX = 9


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """Every text on the label. `bars` are widths in modules, a bar first, then a gap, and so on."""

    carrier: str
    service: str
    letter: str
    zone: str
    route: str
    ship_from: tuple[str, ...]
    ship_to: tuple[str, ...]
    order_number: str
    package: str
    weight: str
    ships_on: str
    tracking_no: str
    bars: tuple[int, ...]


def sheet(
    request: LabelRequest, *, carrier: str, service: str, zone: str, tracking_no: str
) -> LabelSheet:
    """What the label of this request says."""
    to = request.ship_to
    return LabelSheet(
        carrier=printed(carrier, 30),
        service=printed(service, 30),
        letter=printed(service, 30)[:1].upper(),
        zone=printed(zone, 20),
        route=" ".join(filter(None, (printed(to.country, 3), printed(to.postal_code, 12)))),
        ship_from=_fitting(postal_lines(request.ship_from)),
        ship_to=_fitting(postal_lines(to)),
        order_number=printed(request.order_number, 24),
        package=f"{request.package} of {request.packages}",
        weight=f"{request.parcel.weight_g / 1000:.2f} kg",
        ships_on=request.ships_on.isoformat(),
        tracking_no=tracking_no,
        bars=bars(tracking_no),
    )


def _fitting(lines: tuple[str, ...]) -> tuple[str, ...]:
    """At most LINES_MAX lines; the last three (code, city, country) are never left out."""
    if len(lines) <= LINES_MAX:
        return lines
    return (*lines[: LINES_MAX - 4], "…", *lines[-3:])


def bars(text: str) -> tuple[int, ...]:
    """The Code 128 symbol of `text` without its quiet zones. *Source:* ISO/IEC 15417."""
    modules: str = Code128(text).build()[0]
    return tuple(len(list(run)) for _, run in groupby(modules))


def fingerprint(request: LabelRequest) -> str:
    """The same for the same request, so that a key used for another one is found out."""
    content = json.dumps(asdict(request), sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
