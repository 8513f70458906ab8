-- Accounting: entries made from facts, what they lean on, and the merchant's chart of accounts.

create schema accounting;
call platform.admit('accounting');

-- The books of a legal entity. Who books on them holds this row.
create table accounting.books (
    tenant_id        int not null,
    legal_entity_id  uuid not null,
    base_currency    char(3) not null,
    method           text not null check (method in ('average', 'fifo')),
    closed_through   date,
    next_no          bigint not null,
    next_export      int not null,
    primary key (tenant_id, legal_entity_id)
) with (fillfactor = 50);
call platform.guard('accounting.books', 'select, insert, update');

-- Each fact that is to be booked, once, and what became of it.
create table accounting.sources (
    tenant_id   int not null,
    entry_id    uuid not null,           -- of the journal
    fact        text collate "C" not null,
    subject_id  uuid not null,
    at          timestamptz not null,
    state       text not null check (state in ('waiting', 'booked', 'nothing', 'parked')),
    code        text collate "C" not null default '',
    reason      text not null default '',
    primary key (tenant_id, entry_id)
) with (fillfactor = 70);
create index sources_ready on accounting.sources (tenant_id, at, entry_id) where state = 'waiting';
create index sources_parked on accounting.sources (tenant_id, at, entry_id) where state = 'parked';
call platform.guard('accounting.sources', 'select, insert, update');

-- Append only. Debits are positive.
create table accounting.entries (
    tenant_id        int not null,
    id               uuid not null,
    legal_entity_id  uuid not null,
    no               bigint not null,
    source_id        uuid not null,      -- the journal's entry, or the entry that is reversed
    rule             text collate "C" not null,
    fact             text collate "C" not null,
    subject_id       uuid not null,
    order_id         uuid,
    channel_id       uuid not null,
    currency         char(3) not null,
    base_currency    char(3) not null,
    rate             numeric not null check (rate > 0),
    belongs_on       date not null,
    booked_on        date not null,
    booked_at        timestamptz not null,
    actor            text not null,
    memo             text not null,
    note             text not null,
    reverses         uuid,
    primary key (tenant_id, id),
    constraint entries_once unique (tenant_id, source_id, rule),
    constraint entries_no unique (tenant_id, legal_entity_id, no)
);
create index entries_days on accounting.entries (tenant_id, legal_entity_id, booked_on, no);
create index entries_order on accounting.entries (tenant_id, order_id, no) where order_id is not null;
call platform.guard('accounting.entries', 'select, insert');

create table accounting.lines (
    tenant_id        int not null,
    entry_id         uuid not null,
    line_no          int not null,
    legal_entity_id  uuid not null,
    entry_no         bigint not null,
    booked_on        date not null,
    account          text collate "C" not null,
    key              text collate "C" not null,
    code             text collate "C" not null,
    currency         char(3) not null,
    amount           bigint not null,
    base             bigint not null,
    sku_id           uuid,
    units            int not null,
    primary key (tenant_id, entry_id, line_no)
);
create index lines_account on accounting.lines (tenant_id, legal_entity_id, account, booked_on, entry_no, line_no);
call platform.guard('accounting.lines', 'select, insert');

-- What an account came to in a month, so that no sum reads all lines.
create table accounting.balances (
    tenant_id        int not null,
    legal_entity_id  uuid not null,
    month            date not null,
    account          text collate "C" not null,
    currency         char(3) not null,
    debit            bigint not null,
    credit           bigint not null,
    base_debit       bigint not null,
    base_credit      bigint not null,
    primary key (tenant_id, legal_entity_id, month, account, currency)
) with (fillfactor = 70);
call platform.guard('accounting.balances', 'select, insert, update');

-- What a buyer owes for an order; below zero it is a deposit.
create table accounting.order_accounts (
    tenant_id        int not null,
    order_id         uuid not null,
    legal_entity_id  uuid not null,
    currency         char(3) not null,
    billed           bigint not null,
    received         bigint not null,
    amount           bigint not null,
    base             bigint not null,
    primary key (tenant_id, order_id),
    constraint order_accounts_amount check (amount = billed - received)
) with (fillfactor = 70);
call platform.guard('accounting.order_accounts', 'select, insert, update');

-- Amounts that settle over time: what gateways and channels hold for us, what is owed on cards.
create table accounting.pots (
    tenant_id        int not null,
    legal_entity_id  uuid not null,
    key              text collate "C" not null,
    code             text collate "C" not null,
    currency         char(3) not null,
    amount           bigint not null,
    base             bigint not null,
    primary key (tenant_id, legal_entity_id, key, code, currency)
) with (fillfactor = 50);
call platform.guard('accounting.pots', 'select, insert, update');

-- The stock of a SKU that a legal entity owns: its sum, and the layers that it is made of.
create table accounting.pools (
    tenant_id        int not null,
    legal_entity_id  uuid not null,
    sku_id           uuid not null,
    units            bigint not null,
    value            bigint not null,
    next_layer       int not null,
    last_units       int,                -- the last receipt with a cost, and what it was worth
    last_value       bigint,
    primary key (tenant_id, legal_entity_id, sku_id)
) with (fillfactor = 70);
call platform.guard('accounting.pools', 'select, insert, update');

create table accounting.layers (
    tenant_id        int not null,
    legal_entity_id  uuid not null,
    sku_id           uuid not null,
    layer_no         int not null,
    units            bigint not null check (units <> 0),
    value            bigint not null,
    primary key (tenant_id, legal_entity_id, sku_id, layer_no)
) with (fillfactor = 70);
call platform.guard('accounting.layers', 'select, insert, update, delete');

-- What units of an order line cost that left and did not come back.
create table accounting.costs (
    tenant_id  int not null,
    order_id   uuid not null,
    line_no    int not null,
    units      int not null check (units >= 0),
    value      bigint not null,
    primary key (tenant_id, order_id, line_no)
) with (fillfactor = 70);
call platform.guard('accounting.costs', 'select, insert, update');

create table accounting.accounts (
    tenant_id  int not null,
    number     text collate "C" not null,
    name       text not null,
    kind       text not null check (kind in ('asset', 'liability', 'equity', 'income', 'expense')),
    primary key (tenant_id, number)
);
call platform.guard('accounting.accounts', 'select, insert, update, delete');

create table accounting.mappings (
    tenant_id        int not null,
    key              text collate "C" not null,
    legal_entity_id  uuid not null,      -- the nil id: all
    channel_id       uuid not null,      -- the nil id: all
    code             text collate "C" not null,
    account          text collate "C" not null,
    primary key (tenant_id, key, legal_entity_id, channel_id, code)
);
call platform.guard('accounting.mappings', 'select, insert, update, delete');

create table accounting.exports (
    tenant_id        int not null,
    id               uuid not null,
    legal_entity_id  uuid not null,
    number           int not null,
    format           text collate "C" not null,
    first            date not null,
    last             date not null,
    last_no          bigint not null,
    entries          int not null,
    repeats          int[] not null,
    made_at          timestamptz not null,
    actor            text not null,
    primary key (tenant_id, id),
    constraint exports_number unique (tenant_id, legal_entity_id, number),
    constraint exports_days check (first <= last)
);
call platform.guard('accounting.exports', 'select, insert');

-- What a unit of a receipt cost, where somebody knows.
alter table inventory.document_lines
    add column unit_cost bigint check (unit_cost >= 0),
    add column cost_currency char(3);
