-- Orders: quantities in buckets, money fixed at capture, holds and exceptions.

create schema orders;
call platform.admit('orders');

create table orders.orders (
    tenant_id           int not null,
    id                  uuid not null,
    number              text collate "C" not null,
    channel_id          uuid not null,
    legal_entity_id     uuid not null,
    external_id         text collate "C" not null,
    mode                text not null check (mode in ('live', 'history')),
    customer_id         uuid,
    buyer_name          text not null,
    buyer_key           text collate "C" not null,     -- the name as it is searched for
    email               text collate "C" not null,
    phone               text collate "C" not null,
    billing             jsonb,
    language            text not null,
    currency            char(3) not null,
    base_currency       char(3) not null,
    base_rate           numeric,                       -- null until a rate is known
    prices_include_tax  boolean not null,
    goods_minor         bigint not null,
    charges_minor       bigint not null,
    tax_minor           bigint not null,
    total_minor         bigint not null,
    note                text not null,
    attributes          jsonb not null,
    placed_at           timestamptz not null,
    taken_at            timestamptz not null,
    status              text not null check (status in (
        'parked', 'open', 'backordered', 'reserved', 'allocated', 'released',
        'partly_shipped', 'shipped', 'delivered', 'cancelled')),
    health              text not null check (health in ('ok', 'attention', 'blocked')),
    version             int not null,
    tracking_secret     text collate "C" not null,
    fingerprint         bytea not null,                -- of the draft: the same id, other contents?
    primary key (tenant_id, id),
    constraint orders_number unique (tenant_id, number),
    constraint orders_external unique (tenant_id, channel_id, external_id)
) with (fillfactor = 80);
create index orders_newest on orders.orders (tenant_id, placed_at desc, id desc);
create index orders_status on orders.orders (tenant_id, status, placed_at desc, id desc);
create index orders_health on orders.orders (tenant_id, health, placed_at desc, id desc) where health <> 'ok';
create index orders_channel on orders.orders (tenant_id, channel_id, placed_at desc, id desc);
create index orders_customer on orders.orders (tenant_id, customer_id, placed_at desc);
create index orders_email on orders.orders (tenant_id, email, placed_at desc);
create index orders_buyer on orders.orders (tenant_id, buyer_key);
create index orders_external_id on orders.orders (tenant_id, external_id);
create index orders_tracking on orders.orders (tenant_id, tracking_secret);
call platform.guard('orders.orders', 'select, insert, update');

create table orders.delivery_groups (
    tenant_id      int not null,
    order_id       uuid not null,
    group_no       int not null,
    method         text not null check (method in ('ship', 'pickup')),
    location_id    uuid,                 -- where it is picked up
    recipient      text not null,
    address        jsonb,
    country        char(2),
    lat            double precision,
    lon            double precision,
    service        text not null,
    needed_by      date,
    ship_on        date,
    promised_from  date,
    promised_by    date,
    promise        jsonb,                -- what the promise leans on, as it was shown
    primary key (tenant_id, order_id, group_no)
);
call platform.guard('orders.delivery_groups', 'select, insert, update');

create table orders.lines (
    tenant_id      int not null,
    order_id       uuid not null,
    line_no        int not null,
    group_no       int not null,
    kind           text not null check (kind in ('goods', 'service', 'gift_card')),
    sku_id         uuid,                 -- null while the SKU is unknown: its units are parked
    sku_code       text collate "C" not null,
    title          text not null,
    unit_weight_g  int not null,
    ship_alone     boolean not null,
    unit_price     bigint not null,
    discount       bigint not null,
    tax            bigint not null,
    total          bigint not null,      -- of all ordered units, as the customer pays it
    ordered        int not null check (ordered > 0),
    parked         int not null default 0,
    open           int not null default 0,
    backordered    int not null default 0,
    reserved       int not null default 0,
    allocated      int not null default 0,
    released       int not null default 0,
    shipped        int not null default 0,
    cancelled      int not null default 0,
    delivered      int not null default 0,
    lost           int not null default 0,
    returned       int not null default 0,
    invoiced       int not null default 0,
    credited       int not null default 0,
    replaces_line  int,
    primary key (tenant_id, order_id, line_no),
    constraint lines_units check (least(parked, open, backordered, reserved, allocated, released, shipped,
        cancelled, delivered, lost, returned, invoiced, credited) >= 0),
    constraint lines_buckets check (ordered =
        parked + open + backordered + reserved + allocated + released + shipped + cancelled),
    constraint lines_delivered check (delivered + lost <= shipped),
    constraint lines_returned check (returned <= shipped),
    constraint lines_credited check (credited <= invoiced)
) with (fillfactor = 70);
create index lines_backordered on orders.lines (tenant_id, sku_id, order_id) where backordered > 0;
create index lines_sku on orders.lines (tenant_id, sku_code, order_id);
call platform.guard('orders.lines', 'select, insert, update');

create table orders.charges (
    tenant_id  int not null,
    order_id   uuid not null,
    charge_no  int not null,
    kind       text not null check (kind in (
        'shipping', 'wrap', 'fee', 'duty', 'discount', 'adjustment', 'gift_voucher', 'other')),
    title      text not null,
    amount     bigint not null,          -- as the customer pays it, tax apart where prices are net
    tax        bigint not null,
    credited   bigint not null default 0,
    primary key (tenant_id, order_id, charge_no)
);
call platform.guard('orders.charges', 'select, insert, update');

create table orders.holds (
    tenant_id    int not null,
    order_id     uuid not null,
    id           uuid not null,
    kind         text collate "C" not null,
    reason       text not null,
    level        text not null check (level in ('order', 'line', 'fulfillment_order')),
    line_no      int,
    blocks       text[] not null,
    author       text not null,
    placed_at    timestamptz not null,
    resolved_at  timestamptz,
    resolved_by  text,
    resolution   text,
    primary key (tenant_id, order_id, id)
);
create index holds_open on orders.holds (tenant_id, kind, placed_at) where resolved_at is null;
call platform.guard('orders.holds', 'select, insert, update');

-- Something a person must look at; one open row for one cause.
create table orders.exceptions (
    tenant_id    int not null,
    id           uuid not null,
    order_id     uuid,
    kind         text collate "C" not null,
    subject      text collate "C" not null,
    cause        text not null,
    suggestion   text not null,
    owner_id     uuid,
    opened_at    timestamptz not null,
    resolved_at  timestamptz,
    resolved_by  text,
    resolution   text,
    primary key (tenant_id, id)
);
create unique index exceptions_open on orders.exceptions (tenant_id, kind, subject) where resolved_at is null;
create index exceptions_age on orders.exceptions (tenant_id, opened_at) where resolved_at is null;
create index exceptions_order on orders.exceptions (tenant_id, order_id);
call platform.guard('orders.exceptions', 'select, insert, update');

-- Edits and cancellations: what it was, what it became, who and why.
create table orders.changes (
    tenant_id  int not null,
    order_id   uuid not null,
    change_no  int not null,
    kind       text not null check (kind in ('address', 'quantity', 'cancel')),
    before     jsonb not null,
    after      jsonb not null,
    reason     text not null,
    actor      text not null,
    at         timestamptz not null,
    primary key (tenant_id, order_id, change_no)
);
call platform.guard('orders.changes', 'select, insert');

create schema returns;
call platform.admit('returns');

-- What came back, or was taken back on paper, as the channel reported it.
create table returns.returns (
    tenant_id    int not null,
    id           uuid not null,
    channel_id   uuid not null,
    external_id  text collate "C" not null,
    kind         text not null check (kind in ('return', 'cancellation')),
    mode         text not null check (mode in ('live', 'history')),
    country      text,                    -- as the channel wrote it
    currency     char(3) not null,
    customer     text collate "C" not null,
    note         text not null,
    occurred_at  timestamptz not null,
    recorded_at  timestamptz not null,
    primary key (tenant_id, id),
    constraint returns_external unique (tenant_id, channel_id, external_id)
);
create index returns_recent on returns.returns (tenant_id, occurred_at desc, id desc);
call platform.guard('returns.returns', 'select, insert, update');

create table returns.lines (
    tenant_id  int not null,
    return_id  uuid not null,
    line_no    int not null,
    order_id   uuid,                     -- null: what it reverses was not found
    order_line int,
    charge_no  int,
    sku_id     uuid,
    sku_code   text collate "C" not null,
    title      text not null,
    quantity   int not null check (quantity > 0),
    amount     bigint not null,          -- what goes back to the customer
    primary key (tenant_id, return_id, line_no)
);
create index return_lines_order on returns.lines (tenant_id, order_id) where order_id is not null;
call platform.guard('returns.lines', 'select, insert');
