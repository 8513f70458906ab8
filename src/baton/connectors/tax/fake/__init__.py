"""A tax service that files nothing, but keeps books as if it did: for tests and the demo.

See README.md beside this file.
"""

from baton.connectors.record import Connector, Port
from baton.connectors.tax.fake.books import Books
from baton.connectors.tax.fake.client import FakeTaxService, FakeTaxSettings
from baton.tax.port import TaxCapabilities, TaxService

__all__ = ["CONNECTOR", "Books", "FakeTaxService", "FakeTaxSettings"]

CONNECTOR: Connector[TaxService] = Connector(
    name="fake",
    port=Port.TAX,
    capabilities=TaxCapabilities(commit=True),
    settings=FakeTaxSettings,
    open=lambda options: FakeTaxService(FakeTaxSettings.of(options)),
    doc="src/baton/connectors/tax/fake/README.md",
)
