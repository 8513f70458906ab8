"""All the SQL of access, one file for each thing it keeps."""

from baton.platform.db import Statements

sql = Statements("access")
