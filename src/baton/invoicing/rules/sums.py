"""Sums of a document: its taxes, and whether they add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from baton.invoicing.model import Document, Line, TaxSum


def taxes(lines: Iterable[Line]) -> tuple[TaxSum, ...]:
    """Net and tax of each category and rate: the sums of the lines, nothing computed anew."""
    found: dict[tuple[str, object], TaxSum] = {}
    for line in lines:
        key = (line.taxed.category, line.taxed.rate)
        was = found.get(key, TaxSum(line.taxed.category, line.taxed.rate, 0, 0))
        found[key] = TaxSum(
            was.category,
            was.rate,
            was.net + line.net,
            was.tax + line.tax,
            was.exemption or line.taxed.exemption,
        )
    return tuple(sorted(found.values(), key=lambda each: (-each.rate, each.category)))


def faults(document: Document) -> Iterator[str]:
    """In what a document does not add up."""
    net, tax = sum(x.net for x in document.lines), sum(x.tax for x in document.lines)
    if (net, tax, net + tax) != (document.net, document.tax, document.total):
        yield f"{document.number}: {document.net} + {document.tax}, its lines {net} + {tax}"
    if taxes(document.lines) != document.content.taxes:
        yield f"{document.number}: the tax summary is not that of its lines"
