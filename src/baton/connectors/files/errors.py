"""What makes a whole file or a map unusable. A row that can't be used is a reject, no error."""

from __future__ import annotations

from baton.values.errors import Invalid


class MapInvalid(Invalid):
    """The map says something that can't be; `field` is the key to mend (`rules.2.when.Price`)."""

    code = "import_map_invalid"


class SourceInvalid(Invalid):
    """The file can't be read as what it is said to be: broken gzip, no header, another encoding."""

    code = "import_source_invalid"


class RejectsUnwritable(Invalid):
    """There is nowhere to put the rows that can't be used."""

    code = "import_rejects_unwritable"
