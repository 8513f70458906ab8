"""What a connector says about itself: one record, the same for every port."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from baton.notifications.port import MailerCapabilities, TextCapabilities
from baton.payments.port import GatewayCapabilities
from baton.shipping.port import CarrierCapabilities
from baton.tax.port import TaxCapabilities
from baton.values.errors import Invalid, NotFound


class Port(StrEnum):
    """The outside world's doors: each is a Protocol in the `port.py` of its module; that of `sms`
    is in notifications.
    """

    PAYMENTS = "payments"
    SHIPPING = "shipping"
    NOTIFICATIONS = "notifications"
    SMS = "sms"
    TAX = "tax"


class ConnectorUnknown(NotFound):
    """No connector of this name is installed for this port."""

    code = "connector_unknown"


class ConnectorMisconfigured(Invalid):
    """A connector's options lack something, or hold something that it doesn't know."""

    code = "connector_misconfigured"


class ConnectorSettings(BaseModel):
    """Base of every connector's settings: frozen, strict, silent about what it was given.

    Secrets are `SecretStr`: they show as stars in `repr`, logs and errors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def of(cls, options: Mapping[str, object]) -> Self:
        """The settings in `options`.

        Raises ConnectorMisconfigured, which names the option and never its value.
        """
        try:
            return cls.model_validate(dict(options))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            path = ".".join(str(part) for part in first["loc"])
            raise ConnectorMisconfigured(f"{path}: {first['msg']}", field=path) from None


Capabilities: TypeAlias = (
    GatewayCapabilities
    | CarrierCapabilities
    | MailerCapabilities
    | TextCapabilities
    | TaxCapabilities
)
Door = TypeVar("Door", covariant=True)


@dataclass(frozen=True, slots=True)
class Connector(Generic[Door]):
    """One way through a port. `open` makes it from options as a file or a form holds them."""

    name: str
    port: Port
    capabilities: Capabilities
    settings: type[ConnectorSettings]
    open: Callable[[Mapping[str, object]], Door]
    doc: str
    """Its page, from the root of the repository."""
