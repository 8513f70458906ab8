"""The one place that knows everything: settings, database, connectors, and what runs on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import psycopg

from baton import invoicing, orders
from baton.accounting.port import LedgerWriter
from baton.connectors import ConnectorUnknown, Port, Registry
from baton.connectors.documents import InvoicePapers, TypstDocuments
from baton.connectors.ledgers import WRITERS as LEDGER_WRITERS
from baton.connectors.shipping import flat_rate
from baton.flows import (
    fill_rates,
    find_order,
    jobs,
    keep_books,
    messages,
    own_value,
    shortages,
)
from baton.flows.ask_tax import AskTaxService
from baton.flows.backorders import fill
from baton.flows.buy_labels import BuyLabels
from baton.flows.collect_money import CollectMoney
from baton.flows.determine_tax import determine
from baton.flows.hear import Hear
from baton.flows.issue_invoices import issue
from baton.flows.messages import Links
from baton.flows.reactions import Reactions
from baton.flows.recall import time_out
from baton.flows.release import release
from baton.flows.return_labels import BuyReturnLabels
from baton.flows.route_orders import route_orders
from baton.flows.send_messages import SendMessages
from baton.invoicing.port import Papers
from baton.notifications.model import Message as Told
from baton.notifications.port import Attachment, Mailer, Message, TextSender
from baton.notifications.port import Outcome as MailOutcome
from baton.notifications.port import Unknown as MailUnknown
from baton.payments.port import Gateway
from baton.platform import journal, work
from baton.platform.db import Caller, Database, Tx
from baton.platform.embedded import Server, join
from baton.platform.journal import Entry
from baton.platform.migrate import migrate
from baton.platform.settings import Settings
from baton.platform.work import Handler, Job, Worker
from baton.shipping.model import RateCard
from baton.shipping.port import Carrier, Documents
from baton.tax.port import TaxService
from baton.values import Id

T = TypeVar("T")


@dataclass(slots=True)
class App:
    """A running Baton: any number of them share one database."""

    settings: Settings
    db: Database
    links: Links
    documents: Documents
    papers: Papers
    carriers: Mapping[str, Carrier]
    gateways: Mapping[str, Gateway]
    tax_services: Mapping[str, TaxService]
    server: Server | None = None
    ledgers: Mapping[str, LedgerWriter] = field(default_factory=lambda: LEDGER_WRITERS)
    handlers: Mapping[str, Handler] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: Settings) -> App:
        """Join or start the database, bring its schema up to date, and set everything up.

        Raises DatabaseAway, DatabaseUnfit, or what the embedded server says.
        """
        server = None
        if settings.database_url is not None:
            dsn = settings.database_url.get_secret_value()
        else:
            server = join(settings.data, major=settings.pg_major)
            dsn = server.dsn
        migrate(dsn)
        return cls.on(settings, dsn, server)

    @classmethod
    def on(cls, settings: Settings, dsn: str, server: Server | None = None) -> App:
        """The same on a database that is there and migrated.

        Raises ConnectorUnknown or ConnectorMisconfigured for what BATON_CONNECTORS names.
        """
        db = Database(dsn, size=settings.pool_size)
        url = settings.public_url or f"http://{settings.host}:{settings.port}"
        texts = bool(_named(settings, Port.SMS))
        links, carriers = Links(url, settings.mail_from, texts=texts), _carriers(settings)
        gateways = _gateways(settings)
        papers, services = InvoicePapers(), _tax_services(settings)
        app = cls(
            settings, db, links, TypstDocuments(), papers, carriers, gateways, services, server
        )
        app.handlers = app._handlers()
        db.open()
        return app

    def close(self) -> None:
        """Give back connections and the lease on the server."""
        self.db.close()
        if self.server is not None:
            self.server.close()

    def execute(self, caller: Caller, job: Callable[[Tx], T]) -> T:
        """As `Database.execute`; also repeats what lost a race for the same external id."""
        for _ in range(3):
            try:
                return self.db.execute(caller, job)
            except psycopg.errors.UniqueViolation as error:
                if error.diag.constraint_name not in _RACED:
                    raise
        return self.db.execute(caller, job)

    def invoice_pdf(self, tx: Tx, document_id: Id) -> bytes:
        """An invoice or credit memo as it is sent to its buyer. Raises DocumentNotFound."""
        return self.papers.pdf(invoicing.document(tx, document_id))

    def worker(self, only: frozenset[int] | None = None) -> Worker:
        """A worker for all tenants, or for some."""
        return Worker(
            self.db,
            self.handlers,
            self.relay,
            lease=timedelta(seconds=self.settings.lease_seconds),
            attempts=self.settings.attempts,
            only=only,
        )

    def relay(self, tenant: int) -> int:
        """Number, seal and hand on the tenant's new journal entries."""
        table = Reactions(self.links).table()
        return journal.relay(self.db, tenant, table, busy=_busy, divert=_divert)

    def _handlers(self) -> dict[str, Handler]:
        settings, domain = self.settings, self.settings.mail_from.rpartition("@")[2]
        money = CollectMoney(self.db, self.gateways, orders.lock, _order_number)
        mails = SendMessages(
            self.db,
            _mailer(settings),
            orders.lock,
            domain,
            _texts(settings),
            messages.quiet_hours,
            self._attached,
        )
        labels = BuyLabels(self.db, self._carrier)
        return {
            jobs.ROUTE: Handler(inside=_each_order(route_orders)),
            jobs.RELEASE: Handler(inside=_each_order(lambda tx, ids, _why: release(tx, ids))),
            jobs.FILL_BACKORDERS: Handler(inside=_fill, limit=1),
            jobs.WORK_SHORTAGES: Handler(inside=lambda tx, _jobs: _work_shortages(tx), limit=1000),
            jobs.TIME_OUT_RECALL: Handler(inside=_time_out),
            jobs.DETERMINE_TAX: Handler(inside=_determine_tax),
            jobs.FILL_RATES: Handler(inside=_fill_rates, limit=1),
            jobs.REACTION: Handler(inside=self._react, limit=1),
            find_order.FIND: Handler(inside=lambda tx, due: find_order.look(tx, self.links, due)),
            invoicing.ISSUE: Handler(inside=_issue),
            invoicing.COLLECT: Handler(inside=_collect),
            **money.handlers(),
            **own_value.handlers(),
            **Hear(self.db, self.gateways).handlers(),
            **mails.handlers(),
            **labels.handlers(),
            **BuyReturnLabels(self.db, self._carrier).handlers(),
            **keep_books.handlers(),
            **AskTaxService(self.db, self.tax_services).handlers(),
        }

    def _attached(self, caller: Caller, message: Told) -> tuple[Attachment, ...]:
        """The paper that goes with a mail, set when no transaction is open."""
        id = Id(message.attachment.removeprefix(messages.INVOICE))
        document = self.db.execute(caller, lambda tx: invoicing.document(tx, id))
        content = self.papers.pdf(document)
        return (Attachment(f"{document.number}.pdf", "application/pdf", content),)

    def _carrier(self, tenant: int, name: str, cards: Sequence[RateCard]) -> Carrier | None:
        """The carrier of this name: one that was opened at the start, or the built-in one for a
        rate card in use; None where there is none."""
        if name in self.carriers:
            return self.carriers[name]
        card = next((c for c in cards if c.active and c.carrier == name), None)
        if card is None or name != flat_rate.CONNECTOR.name:
            return None
        account = f"{self.settings.carrier_account}{tenant}"
        options = {"rate_card": _flat_rate(card), "account": account}
        ledger = self.settings.carrier_ledger
        return flat_rate.CONNECTOR.open(options | ({"ledger": ledger} if ledger else {}))

    def _react(self, tx: Tx, failed: Sequence[Job]) -> None:
        """A reaction that failed in the relay, once more."""
        table = Reactions(self.links).table()
        for job in failed:
            entry = journal.entry(tx, Id(job.payload["entry"]))
            for reaction in table.get(entry.fact, ()):
                if _name(reaction) == job.payload["reaction"]:
                    reaction(tx, [entry])


class _NoMailer:
    """Stands in where no mail server is set up: messages wait, and the console says why."""

    def send(self, message: Message) -> MailOutcome:  # noqa: ARG002
        """Nothing is sent, and nothing is lost."""
        return MailUnknown("no mail server is set up: BATON_SMTP_URL")


def _named(settings: Settings, port: Port) -> dict[str, dict[str, Any]]:
    """The options of the connectors that are to be opened for a port, by name.

    Raises ConnectorUnknown for a port that there is not.
    """
    split = {key: key.partition(".") for key in settings.connectors}
    for key, (door, _, _) in split.items():
        if door not in list(Port):
            raise ConnectorUnknown(
                f"BATON_CONNECTORS names {key!r}: write <port>.<name>, with a port of "
                f"{', '.join(Port)}.",
                field=key,
            )
    return {name: settings.connectors[key] for key, (d, _, name) in split.items() if d == port}


def _gateways(settings: Settings) -> dict[str, Gateway]:
    installed, wanted = Registry.installed(), _named(settings, Port.PAYMENTS)
    if settings.gateway_url:
        fake = {"address": settings.gateway_url, "timeout_s": settings.gateway_timeout_s}
        wanted = {"fake": fake} | wanted
    return {name: installed.gateway(name).open(options) for name, options in wanted.items()}


def _tax_services(settings: Settings) -> dict[str, TaxService]:
    installed, wanted = Registry.installed(), _named(settings, Port.TAX)
    return {name: installed.tax_service(name).open(options) for name, options in wanted.items()}


def _carriers(settings: Settings) -> dict[str, Carrier]:
    installed, wanted = Registry.installed(), _named(settings, Port.SHIPPING)
    return {name: installed.carrier(name).open(options) for name, options in wanted.items()}


def _mailer(settings: Settings) -> Mailer:
    for name, options in reversed(_named(settings, Port.NOTIFICATIONS).items()):
        return Registry.installed().mailer(name).open(options)
    if not settings.smtp_url:
        return _NoMailer()
    url = urlsplit(settings.smtp_url)
    tls = url.scheme == "smtps"
    options = {
        "host": url.hostname or "localhost",
        "port": url.port or (465 if tls else 587),
        "security": "tls" if tls else ("starttls" if url.username else "none"),
        "username": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "from_address": settings.mail_from,
    }
    return Registry.installed().mailer("smtp").open(options)


def _texts(settings: Settings) -> TextSender | None:
    for name, options in reversed(_named(settings, Port.SMS).items()):
        return Registry.installed().text_sender(name).open(options)
    return None


def _flat_rate(card: RateCard) -> flat_rate.RateCard:
    """A service's card in the words of the built-in carrier."""
    zones = [
        flat_rate.Zone(str(number), zone.up_to_km) for number, zone in enumerate(card.zones, 1)
    ]
    brackets = [
        flat_rate.Bracket(bound, tuple(prices[place] for prices in card.prices))
        for place, bound in enumerate(card.brackets_g)
    ]
    days = tuple((zone.transit_min_days, zone.transit_max_days) for zone in card.zones)
    service = flat_rate.Service(card.service, card.name, days, tuple(brackets))
    return flat_rate.RateCard(card.currency, tuple(zones), (service,))


_RACED = {"orders_external", "orders_number", "returns_external"}


def _order_number(tx: Tx, order_id: Id) -> str:
    return orders.read(tx, [order_id])[order_id].number


def _each_order(
    flow: Callable[[Tx, Sequence[Id], str], None],
) -> Callable[[Tx, Sequence[Job]], None]:
    def run(tx: Tx, due: Sequence[Job]) -> None:
        wanted = jobs.orders_of(due)
        flow(tx, sorted(wanted), next(iter(wanted.values()), ""))

    return run


def _determine_tax(tx: Tx, due: Sequence[Job]) -> None:
    again = {Id(job.payload["order"]) for job in due if job.payload["why"] == jobs.BY_HAND}
    determine(tx, sorted(set(jobs.orders_of(due)) - again))
    determine(tx, sorted(again), again=True)
    fill_rates.fill(tx, sorted(jobs.orders_of(due)))


def _fill_rates(tx: Tx, due: Sequence[Job]) -> None:
    for job in due:
        if "orders" in job.payload:
            fill_rates.fill(tx, [Id(order) for order in job.payload["orders"]])
            continue
        last = fill_rates.fill_all(tx, Id(job.payload["after"]))
        if last is not None:
            fill_rates.ask(tx, last)


def _fill(tx: Tx, due: Sequence[Job]) -> None:
    fill(tx, sorted({Id(sku) for job in due for sku in job.payload["skus"]}))


def _issue(tx: Tx, due: Sequence[Job]) -> None:
    for entity in sorted({Id(job.payload["legal_entity"]) for job in due}):
        issue(tx, entity)


def _collect(tx: Tx, due: Sequence[Job]) -> None:
    for job in due:
        before = datetime.fromisoformat(job.payload["before"])
        invoicing.collect(tx, Id(job.payload["legal_entity"]), before)


def _work_shortages(tx: Tx) -> None:
    shortages.work_off(tx)


def _time_out(tx: Tx, due: Sequence[Job]) -> None:
    time_out(tx, sorted({Id(job.payload["subject"]) for job in due}))


def _busy(tx: Tx, entries: Sequence[Entry]) -> set[str]:
    return work.busy_lanes(tx, [str(entry.subject_id) for entry in entries])


def _divert(tx: Tx, failed: Sequence[tuple[Entry, str, str]]) -> None:
    work.put(
        tx,
        [
            Job(
                jobs.REACTION,
                {"entry": str(entry.id), "reaction": name, "error": error},
                lane=str(entry.subject_id),
            )
            for entry, name, error in failed
        ],
    )


def _name(reaction: object) -> str:
    return f"{reaction.__module__}.{reaction.__qualname__}"  # type: ignore[attr-defined]
