"""What every tax service must hold to, run over every connector of the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from connector_cases import Case, cases

from baton.connectors import BUILT_IN, Port, Registry
from baton.connectors.tax.fake.codec import answered
from baton.tax.errors import ServiceRequestInvalid
from baton.tax.model import Code, Place
from baton.tax.port import (
    CommitRequest,
    Filed,
    NeverReceived,
    Quoted,
    QuoteRequest,
    Refused,
    ServiceLine,
    SoldLine,
    TaxService,
    Unknown,
    VoidRequest,
)

_numbers = count()


def key() -> str:
    return f"conform-{next(_numbers)}"


@dataclass(frozen=True)
class Rig:
    """A service to try, how to make it be away, another one on the same books, and the books."""

    service: TaxService
    away: Callable[[bool], None]
    again: Callable[[], TaxService]
    filed: Callable[[], list[str]]


def fake_rig(folder: Path) -> Iterator[Rig]:
    connector = Registry(BUILT_IN).tax_service("fake")
    gone, ledger = folder / "away", folder / "books.jsonl"
    options = {"ledger": ledger, "rates": {"DE": "19", "FR": "20"}, "away_while": gone}

    def away(is_away: bool) -> None:
        gone.touch() if is_away else gone.unlink(missing_ok=True)

    def filed() -> list[str]:
        return ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []

    service = connector.open(options)
    yield Rig(service, away, lambda: connector.open(options), filed)
    service.close()


RIGS = {"fake": fake_rig}


def test_every_service_has_a_rig() -> None:
    assert {c.name for c in BUILT_IN if c.port is Port.TAX} == set(RIGS)


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    yield from RIGS[request.param](tmp_path)


CART = QuoteRequest(
    "SO-1",
    date(2026, 3, 2),
    "EUR",
    True,
    Place("DE"),
    "",
    (
        ServiceLine("line 1", "goods", "standard", 2, 2380, Place("DE")),
        ServiceLine("charge 1", "shipping", "", 1, 600, Place("FR")),
    ),
)


def sale(idempotency_key: str, tax: int = 380) -> CommitRequest:
    line = SoldLine("line 1", "vat", "DE", Code.STANDARD, Decimal(19), 2000, tax)
    return CommitRequest(idempotency_key, "SO-1", date(2026, 3, 2), "EUR", (line,))


def test_a_quote_says_the_tax_of_each_line_and_leaves_nothing(rig: Rig) -> None:
    said = rig.service.quote(CART)
    assert isinstance(said, Quoted)
    assert {tax.key for tax in said.taxes} == {"line 1", "charge 1"}
    assert all(
        0 <= tax.tax <= line.amount for tax, line in zip(said.taxes, CART.lines, strict=True)
    )
    assert rig.service.quote(CART) == said
    assert rig.filed() == []


def test_a_sale_is_filed_once(rig: Rig) -> None:
    request = sale(key())
    assert rig.service.lookup(request.idempotency_key) == NeverReceived()
    first = rig.service.commit(request)
    assert isinstance(first, Filed)
    assert [rig.service.commit(request) for _ in range(3)] == [first] * 3
    assert rig.again().lookup(request.idempotency_key) == first
    assert len(rig.filed()) == 1
    assert isinstance(rig.service.commit(replace(request, reference="other")), Refused)


def test_a_sale_is_taken_back_once(rig: Rig) -> None:
    request = sale(key())
    rig.service.commit(request)
    void = VoidRequest(key(), request.idempotency_key)
    first = rig.service.void(void)
    assert isinstance(first, Filed)
    assert rig.service.void(void) == first
    assert isinstance(rig.service.void(VoidRequest(key(), request.idempotency_key)), Refused)
    assert isinstance(rig.service.void(VoidRequest(key(), "nothing")), Refused)
    assert len(rig.filed()) == 2


def test_eight_at_once_file_one_sale(rig: Rig) -> None:
    request = sale(key())
    services = [rig.service, *(rig.again() for _ in range(3))]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: services[n % 4].commit(request), range(16)))
    assert len(set(said)) == 1
    assert len(rig.filed()) == 1


def test_away_is_an_outcome_and_files_nothing(rig: Rig) -> None:
    request = sale(key())
    rig.away(True)
    for outcome in (
        rig.service.quote(CART),
        rig.service.commit(request),
        rig.service.void(VoidRequest(key(), "x")),
        rig.service.lookup(request.idempotency_key),
    ):
        assert isinstance(outcome, Unknown)
    assert rig.filed() == []
    rig.away(False)
    assert isinstance(rig.service.commit(request), Filed)


@pytest.mark.parametrize("case", cases("tax", "fake"), ids=str)
def test_captured_cases(case: Case) -> None:
    rates = {"DE": Decimal(19), "FR": Decimal(20)}
    assert answered(case.ours, rates, Decimal(0)) == case.result


def test_a_half_written_line_is_cut_off(tmp_path: Path) -> None:
    books = tmp_path / "books.jsonl"
    service = Registry(BUILT_IN).tax_service("fake").open({"ledger": books})
    service.commit(sale("a"))
    with books.open("a") as file:
        file.write('{"event": "commit", "ke')
    again = Registry(BUILT_IN).tax_service("fake").open({"ledger": books})
    assert isinstance(again.commit(sale("b")), Filed)
    assert len(books.read_text().splitlines()) == 2


def test_requests_that_nobody_can_keep_are_refused_here() -> None:
    for wrong in (
        lambda: sale(""),
        lambda: sale("x" * 201),
        lambda: replace(CART, lines=()),
        lambda: replace(CART, lines=CART.lines[:1] * 2),
        lambda: VoidRequest("a\x00", "b"),
    ):
        with pytest.raises(ServiceRequestInvalid):
            wrong()
