"""A carrier by rate card, built in: for own vans, couriers paid per parcel, tests and the demo.

See README.md beside this file.
"""

from baton.connectors.record import Connector, Port
from baton.connectors.shipping.flat_rate.carrier import FlatRateCarrier, FlatRateSettings
from baton.connectors.shipping.flat_rate.rates import Bracket, RateCard, Service, Zone
from baton.shipping.port import Carrier, CarrierCapabilities

__all__ = [
    "CONNECTOR",
    "Bracket",
    "FlatRateCarrier",
    "FlatRateSettings",
    "RateCard",
    "Service",
    "Zone",
]

CONNECTOR: Connector[Carrier] = Connector(
    name="flat_rate",
    port=Port.SHIPPING,
    capabilities=CarrierCapabilities(rates=True, void=True),
    settings=FlatRateSettings,
    open=lambda options: FlatRateCarrier(FlatRateSettings.of(options)),
    doc="src/baton/connectors/shipping/flat_rate/README.md",
)
