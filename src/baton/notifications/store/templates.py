"""SQL of merchants' own templates: every version, of which the newest counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from baton.notifications.model import Medium, MessageKind, Place, Source, Template
from baton.platform.db import Statements, Tx

sql = Statements("notifications")

_TEMPLATE = (
    "kind, language, medium, version, subject, text_body, html_body, withdrawn, author, saved_at"
)
CURRENT = sql(
    "current_templates",
    f"""
    select distinct on (t.kind, t.language, t.medium) {_TEMPLATE} from notifications.templates t
    where t.tenant_id = %(tenant)s and t.kind = any(%(kinds)s)
    order by t.kind, t.language, t.medium, t.version desc
    """,
)
VERSIONS = sql(
    "template_versions",
    f"""
    select {_TEMPLATE} from notifications.templates
    where tenant_id = %(tenant)s and kind = %(kind)s and language = %(language)s
      and medium = %(medium)s
    order by version desc limit %(limit)s
    """,
)
SAVE = sql(
    "save_template",
    f"""
    insert into notifications.templates (tenant_id, {_TEMPLATE})
    values (%(tenant)s, %(kind)s, %(language)s, %(medium)s, %(version)s, %(subject)s,
            %(text_body)s, %(html_body)s, %(withdrawn)s, %(author)s, %(saved_at)s)
    on conflict (tenant_id, kind, language, medium, version) do nothing
    returning version
    """,
)


def current(tx: Tx, kinds: Collection[MessageKind]) -> dict[Place, Template]:
    """The newest version in each place for these kinds, withdrawn ones too."""
    found = [_template(row) for row in tx.all(CURRENT, kinds=sorted(kinds))]
    return {template.place: template for template in found}


def versions(tx: Tx, place: Place, limit: int) -> list[Template]:
    """The versions in a place, newest first."""
    rows = tx.all(
        VERSIONS, kind=place.kind, language=place.language, medium=place.medium, limit=limit
    )
    return [_template(row) for row in rows]


def save(tx: Tx, template: Template) -> bool:
    """Keep a version; False where somebody else took its number."""
    place, source = template.place, template.source
    row = tx.one(
        SAVE,
        kind=place.kind,
        language=place.language,
        medium=place.medium,
        version=template.version,
        subject=source.subject,
        text_body=source.text,
        html_body=source.html,
        withdrawn=template.withdrawn,
        author=template.author,
        saved_at=template.saved_at,
    )
    return row is not None


def _template(row: tuple[Any, ...]) -> Template:
    return Template(
        place=Place(MessageKind(row[0]), row[1], Medium(row[2])),
        version=row[3],
        source=Source(row[4], row[5], row[6]),
        withdrawn=row[7],
        author=row[8],
        saved_at=row[9],
    )
