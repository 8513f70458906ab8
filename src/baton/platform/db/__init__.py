"""PostgreSQL: statements that register themselves, and transactions behind the tenant wall.

A transaction belongs to one tenant and one actor. It opens with one statement that sets both,
takes the program's role, and reads the clock; `Tx.now` is that one reading.
"""

from baton.platform.db.database import Database, DatabaseUnfit, Tx, row_count
from baton.platform.db.rows import checked, columns, listed
from baton.platform.db.statements import STATEMENTS, Statement, Statements
from baton.platform.db.who import Caller

__all__ = [
    "STATEMENTS",
    "Caller",
    "Database",
    "DatabaseUnfit",
    "Statement",
    "Statements",
    "Tx",
    "checked",
    "columns",
    "listed",
    "row_count",
]
