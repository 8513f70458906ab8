"""Writers of the ledger, one file a format. They are pure, and know no tables."""

from __future__ import annotations

from collections.abc import Mapping

from baton.accounting.port import LedgerWriter
from baton.connectors.ledgers.beancount import Beancount
from baton.connectors.ledgers.datev import Datev
from baton.connectors.ledgers.iif import QuickBooksIif
from baton.connectors.ledgers.table import LedgerTable
from baton.connectors.ledgers.xero import Xero

_ALL: tuple[LedgerWriter, ...] = (LedgerTable(), Datev(), QuickBooksIif(), Xero(), Beancount())

WRITERS: Mapping[str, LedgerWriter] = {writer.format: writer for writer in _ALL}
"""Every format, by the name that people choose it by."""
