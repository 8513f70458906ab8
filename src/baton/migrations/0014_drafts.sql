-- Orders that are not placed yet: by phone, by mail.
create table orders.drafts (
    tenant_id    int not null,
    id           uuid not null,
    number       text collate "C" not null,
    state        text not null check (state in ('open', 'placed', 'discarded', 'expired')),
    channel_id   uuid not null,
    body         jsonb not null,
    currency     char(3) not null,
    total_minor  bigint not null,
    buyer_name   text not null,
    email        text collate "C" not null,
    order_id     uuid,
    author       text not null,
    version      int not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    expires_at   timestamptz not null,
    held_until   timestamptz,             -- its stock is kept until then
    primary key (tenant_id, id),
    constraint drafts_number unique (tenant_id, number),
    constraint drafts_placed check ((state = 'placed') = (order_id is not null))
);
create index drafts_newest on orders.drafts (tenant_id, created_at desc, id desc);
create index drafts_open on orders.drafts (tenant_id, expires_at, id) where state = 'open';
create index drafts_email on orders.drafts (tenant_id, email);
call platform.guard('orders.drafts', 'select, insert, update');

-- Money given back out of goodwill.
create table orders.appeasements (
    tenant_id     int not null,
    id            uuid not null,
    order_id      uuid not null,
    customer_id   uuid,
    amount_minor  bigint not null check (amount_minor > 0),
    currency      char(3) not null,
    target        text not null check (target in ('original', 'store_credit')),
    reason        text collate "C" not null,
    note          text not null,
    lines         jsonb not null,
    state         text not null check (state in ('pending', 'approved', 'refused')),
    author        text not null,
    asked_at      timestamptz not null,
    decided_by    text,
    decided_at    timestamptz,
    decision      text not null default '',
    primary key (tenant_id, id)
);
create index appeasements_order on orders.appeasements (tenant_id, order_id, asked_at);
create index appeasements_customer on orders.appeasements (tenant_id, customer_id, asked_at);
create index appeasements_pending on orders.appeasements (tenant_id, asked_at, id) where state = 'pending';
call platform.guard('orders.appeasements', 'select, insert, update');

-- How much each role may give on its own, in one currency.
create table orders.appeasement_limits (
    tenant_id     int not null,
    role          text collate "C" not null,
    currency      char(3) not null,
    per_order     bigint not null check (per_order >= 0),
    per_customer  bigint not null check (per_customer >= 0),
    primary key (tenant_id, role, currency)
);
call platform.guard('orders.appeasement_limits', 'select, insert, update');

-- Found by what a buyer or a provider names.
create index orders_phone on orders.orders (tenant_id, phone) where phone <> '';
create index customers_phone on customers.customers (tenant_id, phone) where phone <> '';
create index payments_reference on payments.payments (tenant_id, provider_ref) where provider_ref <> '';
create index effects_reference on payments.effects (tenant_id, provider_ref) where provider_ref <> '';
