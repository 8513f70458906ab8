"""Who may do what: tenants, legal entities, users, API keys, permissions and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from baton.values.ids import Id

USER_PREFIX = "usr"
KEY_PREFIX = "key"
LEGAL_ENTITY_PREFIX = "lge"


class Permission(StrEnum):
    """Everything that can be allowed, as `scope:action`, in alphabetical order."""

    ACCESS_READ = "access:read"
    ACCESS_WRITE = "access:write"
    ACCOUNTING_CLOSE = "accounting:close"
    ACCOUNTING_READ = "accounting:read"
    ACCOUNTING_WRITE = "accounting:write"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    CHANNELS_READ = "channels:read"
    CHANNELS_WRITE = "channels:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    EVENTS_READ = "events:read"
    FULFILLMENT_READ = "fulfillment:read"
    FULFILLMENT_WORK = "fulfillment:work"
    IMPORTS_WRITE = "imports:write"
    INVOICING_READ = "invoicing:read"
    INVOICING_WRITE = "invoicing:write"
    LOCATIONS_READ = "locations:read"
    LOCATIONS_WRITE = "locations:write"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    ORDERS_APPEASE = "orders:appease"
    ORDERS_APPROVE = "orders:approve"
    ORDERS_CANCEL = "orders:cancel"
    ORDERS_EDIT = "orders:edit"
    ORDERS_HOLD = "orders:hold"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    RETURNS_APPROVE = "returns:approve"
    RETURNS_READ = "returns:read"
    RETURNS_RECEIVE = "returns:receive"
    RETURNS_WRITE = "returns:write"
    ROUTING_READ = "routing:read"
    ROUTING_WRITE = "routing:write"
    SHIPPING_READ = "shipping:read"
    SHIPPING_TRACK = "shipping:track"
    STOCK_READ = "stock:read"
    STOCK_WRITE = "stock:write"
    STORED_VALUE_CHECK = "stored_value:check"
    STORED_VALUE_READ = "stored_value:read"
    STORED_VALUE_WRITE = "stored_value:write"
    TAX_READ = "tax:read"
    TAX_WRITE = "tax:write"
    VERIFY_READ = "verify:read"
    WORK_READ = "work:read"
    WORK_WRITE = "work:write"


class Role(StrEnum):
    """What a person does in the company; a user has one or more."""

    ADMIN = "admin"
    CARE = "care"
    DEVELOPER = "developer"
    FINANCE = "finance"
    OPERATIONS = "operations"
    STORE = "store"
    VIEWER = "viewer"
    WAREHOUSE = "warehouse"


P = Permission

_ALL = frozenset(Permission)
_READ = frozenset(p for p in Permission if p.endswith(":read")) - {P.ACCESS_READ}
_ORDERS = frozenset(p for p in Permission if p.startswith("orders:"))
_FLOOR = frozenset(
    {
        P.CATALOG_READ,
        P.FULFILLMENT_READ,
        P.FULFILLMENT_WORK,
        P.LOCATIONS_READ,
        P.ORDERS_READ,
        P.RETURNS_READ,
        P.RETURNS_RECEIVE,
        P.SHIPPING_READ,
        P.STOCK_READ,
        P.STOCK_WRITE,
    }
)

ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMIN: _ALL,
        Role.CARE: (_ORDERS - {P.ORDERS_APPROVE})
        | {
            P.CATALOG_READ,
            P.CHANNELS_READ,
            P.CUSTOMERS_READ,
            P.CUSTOMERS_WRITE,
            P.FULFILLMENT_READ,
            P.INVOICING_READ,
            P.LOCATIONS_READ,
            P.NOTIFICATIONS_READ,
            P.PAYMENTS_READ,
            P.RETURNS_APPROVE,
            P.RETURNS_READ,
            P.RETURNS_WRITE,
            P.ROUTING_READ,
            P.SHIPPING_READ,
            P.STOCK_READ,
            P.STORED_VALUE_CHECK,
            P.STORED_VALUE_READ,
            P.TAX_READ,
        },
        Role.DEVELOPER: _READ | {P.CHANNELS_WRITE, P.IMPORTS_WRITE, P.WORK_WRITE},
        Role.FINANCE: frozenset(
            {
                P.ACCOUNTING_CLOSE,
                P.ACCOUNTING_READ,
                P.ACCOUNTING_WRITE,
                P.CATALOG_READ,
                P.CHANNELS_READ,
                P.CUSTOMERS_READ,
                P.ORDERS_APPROVE,
                P.INVOICING_READ,
                P.INVOICING_WRITE,
                P.ORDERS_READ,
                P.PAYMENTS_READ,
                P.PAYMENTS_WRITE,
                P.RETURNS_READ,
                P.SHIPPING_READ,
                P.STORED_VALUE_CHECK,
                P.STORED_VALUE_READ,
                P.STORED_VALUE_WRITE,
                P.TAX_READ,
                P.TAX_WRITE,
                P.VERIFY_READ,
            }
        ),
        Role.OPERATIONS: _ALL
        - {
            P.ACCESS_READ,
            P.ACCESS_WRITE,
            P.ACCOUNTING_CLOSE,
            P.ACCOUNTING_WRITE,
            P.CHANNELS_WRITE,
            P.INVOICING_WRITE,
            P.PAYMENTS_WRITE,
            P.STORED_VALUE_WRITE,
            P.TAX_WRITE,
        },
        Role.STORE: _FLOOR
        | {P.CUSTOMERS_READ, P.ORDERS_WRITE, P.RETURNS_WRITE, P.STORED_VALUE_CHECK},
        Role.VIEWER: _READ,
        Role.WAREHOUSE: _FLOOR | {P.SHIPPING_TRACK},
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what they may do; `location_ids` None means every location. A program has no
    roles."""

    actor: str
    permissions: frozenset[Permission]
    location_ids: frozenset[Id] | None = None
    roles: frozenset[Role] = frozenset()


class HandleKind(StrEnum):
    """What a handle opens; the value is how it starts."""

    KEY = "bk"
    SESSION = "bs"
    TRACKING = "bt"
    WEBHOOK = "bw"


@dataclass(frozen=True, slots=True)
class Handle:
    """Something given out that lets its bearer in: `bk_<tenant>_<secret>` and its like."""

    kind: HandleKind
    tenant: int
    secret: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.kind}_{self.tenant}_{self.secret}"


@dataclass(frozen=True, slots=True)
class TenantDraft:
    """A merchant to be set up; `handle` is the short name that people sign in under."""

    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """One merchant; `id` is bound in every statement and shown only inside handles."""

    id: int
    handle: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TaxId:
    """A registration for tax in one country."""

    country: str
    number: str


@dataclass(frozen=True, slots=True)
class LegalEntityDraft:
    """A company of the merchant: known again by `code`, keeps its books in `base_currency`."""

    code: str
    name: str
    country: str
    base_currency: str
    invoice_series: str = ""
    tax_ids: tuple[TaxId, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """A company that channels and locations belong to."""

    id: Id
    code: str
    name: str
    country: str
    base_currency: str
    invoice_series: str
    tax_ids: tuple[TaxId, ...]


@dataclass(frozen=True, slots=True)
class UserDraft:
    """A person who signs in: known again by e-mail. Without a password the old one stays."""

    email: str
    name: str
    roles: frozenset[Role]
    location_ids: frozenset[Id] | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in; `location_ids` None means every location."""

    id: Id
    email: str
    name: str
    roles: frozenset[Role]
    location_ids: frozenset[Id] | None
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun; its handle is never shown again."""

    handle: str = field(repr=False)
    user: User
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """An API key to be made: what it is for, and what it may do."""

    name: str
    scopes: frozenset[Permission]
    location_ids: frozenset[Id] | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a program; `hint` is its last four letters, so that people can tell keys apart."""

    id: Id
    name: str
    hint: str
    scopes: frozenset[Permission]
    location_ids: frozenset[Id] | None
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that has just been made; its handle is never shown again."""

    key: ApiKey
    handle: str = field(repr=False)
