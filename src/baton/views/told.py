"""What `verify` asks of messages and the journal together: each is sent at most once."""

from __future__ import annotations

from baton.platform.db import Statements

sql = Statements("views")

TOLD = sql(
    "messages_told",
    """
    with told as (
        select e.data['message_id'] #>> '{}' as id, count(*) as times from journal.entries e
        where e.tenant_id = %(tenant)s and e.subject = 'order' and e.fact = 'notifications.sent'
        group by e.data['message_id'] #>> '{}'
    )
    select count(*), array_agg('message ' || m.id::text || ': ' || m.state || ', said to be sent '
               || coalesce(t.times, 0) || ' times')
           filter (where coalesce(t.times, 0) <> case when m.state = 'sent' then 1 else 0 end)
    from notifications.messages m left join told t on t.id = m.id::text
    where m.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
