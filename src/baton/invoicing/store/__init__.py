"""All SQL of the invoicing module: settings, what waits, and documents."""

from baton.platform.db import Statements

sql = Statements("invoicing")
