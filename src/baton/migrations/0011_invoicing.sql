-- Invoicing: what is to be billed, documents with gapless numbers, and who issues them.

create schema invoicing;
call platform.admit('invoicing');

-- What a legal entity's paper says of it; without one it issues nothing.
create table invoicing.issuers (
    tenant_id        int not null,
    id               uuid not null,
    legal_entity_id  uuid not null,
    address          jsonb not null,
    email            text not null,
    phone            text not null,
    registration     text not null,
    iban             text not null,
    bic              text not null,
    payment_days     int not null check (payment_days between 0 and 3650),
    time_zone        text not null,
    footer           text not null,
    saved_at         timestamptz not null,
    primary key (tenant_id, legal_entity_id)
);
call platform.guard('invoicing.issuers', 'select, insert, update');

-- A series is its pattern. Another pattern is another series; the old one keeps its numbers.
create table invoicing.series (
    tenant_id        int not null,
    id               uuid not null,
    legal_entity_id  uuid not null,
    kind             text not null check (kind in ('invoice', 'credit_memo')),
    pattern          text collate "C" not null,
    skeleton         text collate "C" not null,    -- two with the same could make the same number
    in_use           boolean not null,
    created_at       timestamptz not null,
    primary key (tenant_id, id),
    constraint series_skeleton unique (tenant_id, legal_entity_id, skeleton)
);
create unique index series_in_use on invoicing.series (tenant_id, legal_entity_id, kind) where in_use;
call platform.guard('invoicing.series', 'select, insert, update (in_use)');

-- The one row from which numbers are taken: per series, and per year where the pattern names it.
create table invoicing.counters (
    tenant_id  int not null,
    series_id  uuid not null,
    year       int not null,
    next       bigint not null check (next >= 1),
    primary key (tenant_id, series_id, year)
);
call platform.guard('invoicing.counters', 'select, insert, update (next)');

-- When what was shipped is billed: for a customer, a channel, or (nil, nil) for all others.
create table invoicing.policies (
    tenant_id    int not null,
    id           uuid not null,
    channel_id   uuid not null,
    customer_id  uuid not null,
    policy       text not null check (policy in ('shipment', 'order', 'month', 'none')),
    saved_at     timestamptz not null,
    primary key (tenant_id, channel_id, customer_id)
);
call platform.guard('invoicing.policies', 'select, insert, update');

-- What is to be billed for one shipment or credited for one settlement: exactly one of a kind.
create table invoicing.intents (
    tenant_id        int not null,
    id               uuid not null,
    kind             text not null check (kind in ('invoice', 'credit_memo')),
    subject_id       uuid not null,
    order_id         uuid not null,
    legal_entity_id  uuid not null,
    customer_id      uuid,
    currency         char(3) not null,
    policy           text not null check (policy in ('shipment', 'order', 'month', 'none')),
    group_key        text collate "C" not null,     -- intents with the same become one document
    net              bigint not null,
    tax              bigint not null,
    reason           text not null,
    occurred_at      timestamptz not null,
    created_at       timestamptz not null,
    ready            boolean not null,
    document_id      uuid,
    primary key (tenant_id, id),
    constraint intents_subject unique (tenant_id, kind, subject_id),
    constraint intents_none check (policy <> 'none' or (document_id is null and not ready))
) with (fillfactor = 80);
create index intents_ready on invoicing.intents (tenant_id, legal_entity_id, kind, occurred_at, id)
    where document_id is null and ready;
create index intents_waiting_open on invoicing.intents (tenant_id, occurred_at, id)
    where document_id is null and policy <> 'none';
create index intents_month_open on invoicing.intents (tenant_id, legal_entity_id, occurred_at)
    where policy = 'month' and document_id is null and not ready;
create index intents_group_open on invoicing.intents (tenant_id, group_key)
    where document_id is null and ready;
create index intents_order on invoicing.intents (tenant_id, order_id);
create index intents_document on invoicing.intents (tenant_id, document_id) where document_id is not null;
call platform.guard('invoicing.intents', 'select, insert, update (ready, document_id)');

-- The lines of an intent, and so of its document: units of an order line, or a part of a charge.
create table invoicing.lines (
    tenant_id   int not null,
    intent_id   uuid not null,
    entry_no    int not null,
    kind        text not null check (kind in ('invoice', 'credit_memo')),
    order_id    uuid not null,
    line_no     int not null,             -- 0: a charge
    charge_no   int not null,             -- 0: a line
    piece       int not null default 0,   -- of a charge that is taxed at several rates
    sku         text not null,
    title       text not null,
    first_unit  int not null,             -- units first_unit + 1 … first_unit + units of the line
    units       int not null,
    unit_price  bigint not null,
    discount    bigint not null,
    net         bigint not null,
    tax         bigint not null,
    category    text collate "C" not null check (category in ('S', 'Z', 'E', 'AE', 'K', 'G', 'O', 'L', 'M')),
    rate        numeric not null check (rate >= 0),
    exemption   text not null,
    primary key (tenant_id, intent_id, entry_no),
    constraint lines_about check ((line_no = 0) <> (charge_no = 0)),
    constraint lines_units check (units >= 0 and first_unit >= 0)
);
create index lines_order on invoicing.lines (tenant_id, order_id);
call platform.guard('invoicing.lines', 'select, insert');

-- Issued paper, frozen: the program may not change or delete a row.
create table invoicing.documents (
    tenant_id        int not null,
    id               uuid not null,
    kind             text not null check (kind in ('invoice', 'credit_memo')),
    legal_entity_id  uuid not null,
    series_id        uuid not null,
    year             int not null,
    no               bigint not null check (no >= 1),
    number           text collate "C" not null,
    issued_on        date not null,
    issued_at        timestamptz not null,
    customer_id      uuid,
    currency         char(3) not null,
    net              bigint not null,
    tax              bigint not null,
    total            bigint not null,
    paid             bigint not null,
    collecting       bigint not null,
    content          jsonb not null,      -- parties, orders, deliveries, tax summary, references
    primary key (tenant_id, id),
    constraint documents_no unique (tenant_id, series_id, year, no),
    constraint documents_number unique (tenant_id, legal_entity_id, number),
    constraint documents_total check (total = net + tax)
);
create index documents_newest on invoicing.documents (tenant_id, issued_at desc, id desc);
create index documents_customer on invoicing.documents (tenant_id, customer_id, issued_at desc, id desc);
create index documents_series on invoicing.documents (tenant_id, series_id, issued_at desc, id desc);
create index documents_by_number on invoicing.documents (tenant_id, number);
call platform.guard('invoicing.documents', 'select, insert');
