"""The ledger as text for plain-text accounting: the syntax of Beancount.

*Source:* Beancount language syntax: `YYYY-MM-DD open Account`, transactions with a flag, a payee
and a narration, postings with an amount; `@@` gives the total cost in another currency, without
sign. Accounts begin with Assets, Liabilities, Equity, Income or Expenses, and each part with a
capital letter or a digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from baton.accounting.model import AccountKind, Entry, PostingLine
from baton.accounting.port import Books, Written
from baton.connectors.ledgers.table import amount

_ROOTS = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.EQUITY: "Equity",
    AccountKind.INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
}


class Beancount:
    """A transaction for each entry. Each line is in base currency, with the amount beside it."""

    format = "beancount"

    def file_name(self, entity_code: str, number: int) -> str:
        return f"ledger-{entity_code}-{number}.beancount"

    def write(self, books: Books) -> Written:
        text = "\n".join(_lines(books)) + "\n"
        name = self.file_name(books.entity_code, books.export.number)
        return Written(name, "text/plain; charset=utf-8", text.encode())


def _lines(books: Books) -> Iterable[str]:
    yield f"; {books.watermark}"
    yield f'option "operating_currency" "{books.base_currency}"'
    used = sorted({line.account for entry in books.entries for line in entry.lines})
    for number in used:
        yield f"{books.export.first.isoformat()} open {_account(books, number)}"
    for entry in books.entries:
        yield ""
        yield (
            f'{entry.booked_on.isoformat()} * "{_quoted(entry.memo)}" '
            f'"{_quoted(entry.fact)} ({entry.rule})" ^{books.entity_code}-{entry.no}'
        )
        yield f'  source: "{entry.source_id}"'
        if entry.note:
            yield f'  note: "{_quoted(entry.note)}"'
        for line in entry.lines:
            yield from _posting(books, entry, line)


def _posting(books: Books, entry: Entry, line: PostingLine) -> Iterable[str]:
    yield (
        f"  {_account(books, line.account)}  "
        f"{amount(line.base, entry.base_currency)} {entry.base_currency}"
    )
    if entry.currency != entry.base_currency:
        yield f'    amount: "{amount(line.amount, entry.currency)} {entry.currency}"'


def _account(books: Books, number: str) -> str:
    account = books.accounts.get(number)
    root = _ROOTS[account.kind] if account else "Equity"
    part = re.sub(r"[^A-Za-z0-9]+", "-", books.name(number)).strip("-")
    leaf = re.sub(r"[^A-Za-z0-9-]", "-", number)
    return f"{root}:{leaf[:1].upper()}{leaf[1:]}" + (f"-{part}" if part and part != leaf else "")


def _quoted(text: str) -> str:
    return " ".join(text.replace("\\", "/").replace('"', "'").split())
