-- What providers say by themselves: webhooks, disputes, payouts.

-- Where a provider's webhooks for this merchant arrive: the address carries a secret.
create table payments.doors (
    tenant_id    int not null,
    provider     text collate "C" not null,
    secret_hash  bytea not null,
    created_at   timestamptz not null,
    primary key (tenant_id, provider)
);
call platform.guard('payments.doors', 'select, insert, update');

-- Each webhook as it came, also what was forged or can't be read.
create table payments.inbox (
    tenant_id    int not null,
    id           uuid not null,
    provider     text collate "C" not null,
    event_id     text collate "C",               -- the provider's; null where nobody can tell
    verdict      text not null check (verdict in ('genuine', 'forged', 'stale', 'unreadable')),
    state        text not null check (state in ('new', 'done', 'unmatched', 'failed', 'refused')),
    headers      jsonb not null,
    body         bytea not null,
    note         text not null default '',
    times        int not null default 1,         -- how often it came
    received_at  timestamptz not null,
    handled_at   timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create unique index inbox_event on payments.inbox (tenant_id, provider, event_id)
    where event_id is not null and verdict = 'genuine';
create index inbox_open on payments.inbox (tenant_id, id) where state in ('unmatched', 'failed');
create index inbox_refused on payments.inbox (tenant_id, received_at) where state = 'refused';
call platform.guard('payments.inbox', 'select, insert, update, delete');

-- The provider's own name of what an effect did: payouts and disputes speak of it.
alter table payments.effects add column answer_ref text collate "C" not null default '';
create index effects_answer on payments.effects (tenant_id, answer_ref) where answer_ref <> '';

create table payments.disputes (
    tenant_id     int not null,
    id            uuid not null,
    payment_id    uuid not null,
    order_id      uuid not null,
    provider      text collate "C" not null,
    provider_ref  text collate "C" not null,
    currency      char(3) not null,
    amount        bigint not null check (amount > 0),
    fee           bigint not null default 0 check (fee >= 0),
    reason        text not null default '',
    state         text not null check (state in ('open', 'won', 'lost')),
    respond_by    timestamptz,
    opened_at     timestamptz not null,
    closed_at     timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, provider, provider_ref)
) with (fillfactor = 80);
create index disputes_order on payments.disputes (tenant_id, order_id);
create index disputes_open on payments.disputes (tenant_id, id) where state = 'open';
call platform.guard('payments.disputes', 'select, insert, update');

create table payments.payouts (
    tenant_id   int not null,
    id          uuid not null,
    provider    text collate "C" not null,
    payout_ref  text collate "C" not null,
    currency    char(3) not null,
    gross       bigint not null,
    fee         bigint not null,
    net         bigint not null,
    lines       int not null,
    unmatched   int not null,
    paid_at     timestamptz,
    booked_at   timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, provider, payout_ref),
    constraint payouts_net check (gross - fee = net)
);
call platform.guard('payments.payouts', 'select, insert');

create table payments.payout_lines (
    tenant_id   int not null,
    payout_id   uuid not null,
    line_no     int not null,
    kind        text not null check (kind in ('capture', 'refund', 'dispute', 'fee', 'other')),
    ref         text collate "C" not null,
    amount      bigint not null,                 -- as it changed the merchant's balance
    fee         bigint not null,
    matched_id  uuid,                            -- the effect or dispute that it is
    note        text not null default '',
    primary key (tenant_id, payout_id, line_no)
);
create unique index payout_lines_once on payments.payout_lines (tenant_id, matched_id)
    where kind in ('capture', 'refund');
create index payout_lines_matched on payments.payout_lines (tenant_id, matched_id);
call platform.guard('payments.payout_lines', 'select, insert');
