"""The outside world: one package per vendor, `connectors/<port>/<vendor>/`.

A connector turns a port's values into a vendor's requests and back, and nothing else: it knows
ports and values, no store, no flow and no other connector. Each package holds ONE record,
`CONNECTOR`. Ours are listed here; a package of somebody else's names its record under the entry
point group `baton.connectors` and is then found like ours.

See docs/how-to/add-a-connector.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeAlias, cast

from baton.connectors.notifications.smtp import CONNECTOR as SMTP
from baton.connectors.payments.fake import CONNECTOR as FAKE
from baton.connectors.payments.stripe import CONNECTOR as STRIPE
from baton.connectors.record import (
    Connector,
    ConnectorMisconfigured,
    ConnectorSettings,
    ConnectorUnknown,
    Port,
)
from baton.connectors.shipping.flat_rate import CONNECTOR as FLAT_RATE
from baton.connectors.sms.twilio import CONNECTOR as TWILIO
from baton.connectors.tax.fake import CONNECTOR as FAKE_TAX
from baton.notifications.port import Mailer, TextSender
from baton.payments.port import Gateway
from baton.shipping.port import Carrier
from baton.tax.port import TaxService

__all__ = [
    "BUILT_IN",
    "ENTRY_POINTS",
    "Connector",
    "ConnectorMisconfigured",
    "ConnectorSettings",
    "ConnectorUnknown",
    "Port",
    "Registry",
]

ENTRY_POINTS = "baton.connectors"

AnyConnector: TypeAlias = (
    Connector[Gateway]
    | Connector[Carrier]
    | Connector[Mailer]
    | Connector[TextSender]
    | Connector[TaxService]
)

BUILT_IN: tuple[AnyConnector, ...] = (FAKE, STRIPE, FLAT_RATE, SMTP, TWILIO, FAKE_TAX)


class Registry:
    """Every connector that is installed, by port and name; two never share both."""

    def __init__(self, connectors: Iterable[AnyConnector]) -> None:
        self._by_name: dict[tuple[Port, str], AnyConnector] = {}
        for connector in connectors:
            place = (connector.port, connector.name)
            if place in self._by_name:
                raise ConnectorMisconfigured(
                    f"two connectors for {connector.port} are called {connector.name!r}"
                )
            self._by_name[place] = connector

    @classmethod
    def installed(cls) -> Registry:
        """Ours and those of other packages in this environment."""
        others = [_loaded(entry) for entry in entry_points(group=ENTRY_POINTS)]
        return cls([*BUILT_IN, *others])

    def __iter__(self) -> Iterator[AnyConnector]:
        return iter(self._by_name.values())

    def gateway(self, name: str) -> Connector[Gateway]:
        """Raises ConnectorUnknown, as its siblings do."""
        return cast("Connector[Gateway]", self._found(Port.PAYMENTS, name))

    def carrier(self, name: str) -> Connector[Carrier]:
        return cast("Connector[Carrier]", self._found(Port.SHIPPING, name))

    def mailer(self, name: str) -> Connector[Mailer]:
        return cast("Connector[Mailer]", self._found(Port.NOTIFICATIONS, name))

    def text_sender(self, name: str) -> Connector[TextSender]:
        return cast("Connector[TextSender]", self._found(Port.SMS, name))

    def tax_service(self, name: str) -> Connector[TaxService]:
        return cast("Connector[TaxService]", self._found(Port.TAX, name))

    def _found(self, port: Port, name: str) -> AnyConnector:
        try:
            return self._by_name[port, name]
        except KeyError:
            known = ", ".join(sorted(n for p, n in self._by_name if p is port)) or "none"
            raise ConnectorUnknown(
                f"there is no {port} connector {name!r}; installed: {known}"
            ) from None


def _loaded(entry: EntryPoint) -> AnyConnector:
    record = entry.load()
    if not isinstance(record, Connector):
        raise ConnectorMisconfigured(f"{entry.value} of {entry.name} is no Connector record")
    return record
