"""The flat-rate carrier: a rate card, a label printer and, if wished, a memory.

It works in this process, so that nothing can be lost on the way: it never answers `Unknown`
to a purchase unless its ledger can't be written.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import Field

from baton.connectors.documents.typesetting import Typesetter
from baton.connectors.record import ConnectorSettings
from baton.connectors.shipping.flat_rate import rates, tracking
from baton.connectors.shipping.flat_rate.codec import fingerprint, sheet
from baton.connectors.shipping.flat_rate.ledger import Entry, Ledger
from baton.connectors.shipping.flat_rate.rates import RateCard, Service
from baton.shipping.port import (
    CarrierEvent,
    Label,
    LabelOutcome,
    LabelRequest,
    Rate,
    RateRequest,
    Rates,
    Refusal,
    TrackingEvent,
    Unknown,
    Voided,
    VoidOutcome,
)

TEMPLATE = Path(__file__).with_name("label.typ")


class FlatRateSettings(ConnectorSettings):
    """What it charges, what it is called, and where it remembers."""

    rate_card: RateCard = Field(description="Zones, services, brackets and prices.")
    name: str = Field(
        default="Flat Rate", min_length=1, max_length=30, description="As printed on labels."
    )
    account: str = Field(
        default="",
        max_length=60,
        description="Goes into tracking numbers, so that two accounts never share one.",
    )
    ledger: Path | None = Field(
        default=None, description="JSON lines of what was sold and voided. None: no memory."
    )
    font_dirs: tuple[Path, ...] = Field(
        default=(),
        description="Folders with fonts for scripts beyond Latin, Greek, Cyrillic and Arabic.",
    )


class FlatRateCarrier:
    """The `Carrier` of a rate card. Without a ledger it remembers nothing: a key used for
    another request is not noticed, and every void is granted.
    """

    def __init__(self, settings: FlatRateSettings) -> None:
        self._settings = settings
        self._card = settings.rate_card
        self._ledger = Ledger(settings.ledger) if settings.ledger else None
        self._typesetter = Typesetter(TEMPLATE, font_dirs=settings.font_dirs)

    def rates(self, request: RateRequest) -> Rates:
        return rates.rates(self._card, request)

    def label(self, request: LabelRequest) -> LabelOutcome:
        service = self._card.service(request.service)
        if service is None:
            return Refusal("service_unknown", f"there is no service {request.service[:60]!r}")
        rate = self._card.rate(service, request.parcel.weight_g, request.distance_km)
        if rate is None:
            return rates.too_heavy(request.parcel.weight_g)
        number = tracking.tracking_no(self._settings.account, request.idempotency_key)
        refused = self._remembered(request, rate, number)
        return refused or self._printed(request, service, rate, number)

    def void(self, tracking_no: str) -> VoidOutcome:
        if not tracking.is_tracking_no(tracking_no):
            return Refusal("label_unknown", "this is not one of this carrier's numbers")
        if self._ledger is None:
            return Voided(tracking_no)
        try:
            with self._ledger.opened() as file:
                sold = self._ledger.sold.get(tracking_no)
                if sold is None:
                    return Refusal("label_unknown", "no label with this number was sold")
                if tracking_no not in self._ledger.void:
                    self._ledger.add(file, replace(sold, event="void"))
        except OSError as error:
            return Unknown(f"the ledger can't be written: {type(error).__name__}")
        return Voided(tracking_no)

    def normalised(self, event: CarrierEvent) -> TrackingEvent | Unknown:
        return tracking.normalised(event)

    def _remembered(
        self, request: LabelRequest, rate: Rate, number: str
    ) -> Refusal | Unknown | None:
        """None once the sale stands in the ledger, this time or from an earlier one."""
        if self._ledger is None:
            return None
        digest = fingerprint(request)
        try:
            with self._ledger.opened() as file:
                sold = self._ledger.sold.get(number)
                if sold is None:
                    self._ledger.add(file, _entry(request, rate, number, digest))
                elif sold.request_sha256 != digest:
                    return Refusal("key_reused", "this key came with another request before")
                elif number in self._ledger.void:
                    return Refusal("label_void", "the label of this key was given back")
        except OSError as error:
            return Unknown(f"the ledger can't be written: {type(error).__name__}")
        return None

    def _printed(self, request: LabelRequest, service: Service, rate: Rate, number: str) -> Label:
        zone = self._card.zones[self._card.zone(request.distance_km)]
        data = sheet(
            request,
            carrier=self._settings.name,
            service=service.name,
            zone=zone.name,
            tracking_no=number,
        )
        pdf = self._typesetter.pdf(data, on=request.ships_on)
        return Label(number, service.code, pdf, rate.price)


def _entry(request: LabelRequest, rate: Rate, number: str, digest: str) -> Entry:
    return Entry(
        event="label",
        tracking_no=number,
        key=request.idempotency_key,
        request_sha256=digest,
        order_number=request.order_number,
        service=request.service,
        ships_on=request.ships_on.isoformat(),
        weight_g=request.parcel.weight_g,
        cost_minor=rate.price.minor,
        currency=rate.price.currency,
    )
