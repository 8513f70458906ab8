-- From the plan to the parcel: routing, fulfillment, shipping, payments, messages.

create schema routing;
create schema fulfillment;
create schema shipping;
create schema payments;
create schema notifications;
call platform.admit('routing');
call platform.admit('fulfillment');
call platform.admit('shipping');
call platform.admit('payments');
call platform.admit('notifications');

-- What a merchant wants of the router, for all channels (the nil id) or for one.
create table routing.strategies (
    tenant_id         int not null,
    channel_id        uuid not null,
    max_parcels       int not null check (max_parcels between 1 and 12),
    exclusion_hours   int not null check (exclusion_hours >= 0),
    late_cost_minor   bigint not null check (late_cost_minor >= 0),
    primary key (tenant_id, channel_id)
);
call platform.guard('routing.strategies', 'select, insert, update');

-- Every decision with all it was made from.
create table routing.plans (
    tenant_id    int not null,
    order_id     uuid not null,
    plan_no      int not null,
    group_no     int not null,
    trigger      text not null,
    currency     char(3) not null,
    cost_minor   bigint not null,
    exact        boolean not null,
    explanation  jsonb not null,
    at           timestamptz not null,
    primary key (tenant_id, order_id, plan_no)
);
call platform.guard('routing.plans', 'select, insert');

-- Locations that an order is not sent to again for a time, and why.
create table routing.exclusions (
    tenant_id    int not null,
    order_id     uuid not null,
    location_id  uuid not null,
    cause        text not null,
    until        timestamptz not null,
    primary key (tenant_id, order_id, location_id)
);
call platform.guard('routing.exclusions', 'select, insert, update');

-- The work at one location for one delivery group.
create table fulfillment.orders (
    tenant_id        int not null,
    id               uuid not null,
    number           text collate "C" not null,
    order_id         uuid not null,
    group_no         int not null,
    location_id      uuid not null,
    method           text not null check (method in ('ship', 'pickup')),
    status           text not null check (status in (
        'planned', 'released', 'accepted', 'picked', 'packed', 'ready', 'done', 'rejected', 'cancelled')),
    recall           text not null check (recall in ('none', 'requested', 'accepted', 'rejected', 'timed_out')),
    recall_reason    text not null default '',
    recall_by        timestamptz,
    reject_reason    text not null default '',
    pickup_hash      bytea,
    pickup_tries     int not null default 0,
    ship_on          date,
    created_at       timestamptz not null,
    released_at      timestamptz,
    done_at          timestamptz,
    version          int not null,
    primary key (tenant_id, id),
    unique (tenant_id, number)
) with (fillfactor = 80);
create index fulfillment_orders_order on fulfillment.orders (tenant_id, order_id);
create index fulfillment_orders_queue on fulfillment.orders (tenant_id, location_id, status, created_at, id);
create index fulfillment_orders_status on fulfillment.orders (tenant_id, status, created_at, id);
create index fulfillment_orders_recall on fulfillment.orders (tenant_id, recall_by) where recall = 'requested';
call platform.guard('fulfillment.orders', 'select, insert, update');

create table fulfillment.lines (
    tenant_id             int not null,
    fulfillment_order_id  uuid not null,
    order_line            int not null,
    sku_id                uuid not null,
    sku_code              text collate "C" not null,
    title                 text not null,
    quantity              int not null check (quantity > 0),
    to_pick               int not null,
    picked                int not null default 0,
    packed                int not null default 0,
    cancel_requested      int not null default 0,   -- of to_pick, picked and packed: asked back, not yet answered
    shipped               int not null default 0,
    short                 int not null default 0,
    cancelled             int not null default 0,
    primary key (tenant_id, fulfillment_order_id, order_line),
    constraint fulfillment_lines_units check (least(to_pick, picked, packed, cancel_requested, shipped, short, cancelled) >= 0),
    constraint fulfillment_lines_sum check (quantity = to_pick + picked + packed + shipped + short + cancelled),
    constraint fulfillment_lines_asked check (cancel_requested <= to_pick + picked + packed)
) with (fillfactor = 70);
call platform.guard('fulfillment.lines', 'select, insert, update');

create table fulfillment.packages (
    tenant_id             int not null,
    id                    uuid not null,
    fulfillment_order_id  uuid not null,
    package_no            int not null,
    weight_g              int not null check (weight_g >= 0),
    length_mm             int not null,
    width_mm              int not null,
    height_mm             int not null,
    packed_at             timestamptz not null,
    shipment_id           uuid,
    primary key (tenant_id, id),
    unique (tenant_id, fulfillment_order_id, package_no)
);
call platform.guard('fulfillment.packages', 'select, insert, update');

create table fulfillment.package_lines (
    tenant_id   int not null,
    package_id  uuid not null,
    order_line  int not null,
    quantity    int not null check (quantity > 0),
    primary key (tenant_id, package_id, order_line)
);
call platform.guard('fulfillment.package_lines', 'select, insert');

create table shipping.rate_cards (
    tenant_id   int not null,
    id          uuid not null,
    carrier     text collate "C" not null,
    service     text collate "C" not null,
    name        text not null,
    currency    char(3) not null,
    zones       jsonb not null,          -- upper bounds in km, with transit days from and to
    brackets_g  int[] not null,          -- upper bounds in g
    prices      jsonb not null,          -- minor units, a row a zone
    active      boolean not null,
    primary key (tenant_id, id),
    unique (tenant_id, carrier, service)
);
call platform.guard('shipping.rate_cards', 'select, insert, update');

create table shipping.shipments (
    tenant_id             int not null,
    id                    uuid not null,
    number                text collate "C" not null,
    order_id              uuid not null,
    group_no              int not null,
    fulfillment_order_id  uuid,
    location_id           uuid,
    method                text not null check (method in ('ship', 'pickup', 'history')),
    carrier               text collate "C" not null,
    service               text collate "C" not null,
    status                text not null check (status in (
        'labelling', 'label_failed', 'shipped', 'in_transit', 'out_for_delivery', 'exception',
        'delivered', 'lost', 'returned_to_sender', 'voided')),
    cost_minor            bigint not null default 0,
    currency              char(3) not null,
    label_key             text collate "C" not null,
    tracking_no           text collate "C" not null default '',
    tracking_seen_at      timestamptz,           -- occurrence of the newest event that counted
    created_at            timestamptz not null,
    shipped_at            timestamptz,
    delivered_at          timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, number)
) with (fillfactor = 80);
create index shipments_order on shipping.shipments (tenant_id, order_id);
create index shipments_fulfillment_order on shipping.shipments (tenant_id, fulfillment_order_id);
create index shipments_tracking on shipping.shipments (tenant_id, tracking_no) where tracking_no <> '';
create index shipments_status on shipping.shipments (tenant_id, status, created_at);
call platform.guard('shipping.shipments', 'select, insert, update');

create table shipping.shipment_lines (
    tenant_id    int not null,
    shipment_id  uuid not null,
    order_line   int not null,
    quantity     int not null check (quantity > 0),
    primary key (tenant_id, shipment_id, order_line)
);
call platform.guard('shipping.shipment_lines', 'select, insert');

create table shipping.labels (
    tenant_id    int not null,
    package_id   uuid not null,
    shipment_id  uuid not null,
    label_key    text collate "C" not null,     -- the key of the one outside effect
    state        text not null check (state in ('requested', 'bought', 'refused', 'voided')),
    tracking_no  text collate "C" not null default '',
    cost_minor   bigint not null default 0,
    document     bytea,
    error        text not null default '',
    requested_at timestamptz not null,
    settled_at   timestamptz,
    primary key (tenant_id, package_id),
    unique (tenant_id, label_key)
);
create index labels_shipment on shipping.labels (tenant_id, shipment_id);
create index labels_tracking on shipping.labels (tenant_id, tracking_no) where tracking_no <> '';
create index labels_open on shipping.labels (tenant_id, requested_at) where state = 'requested';
call platform.guard('shipping.labels', 'select, insert, update');

create table shipping.tracking_events (
    tenant_id    int not null,
    shipment_id  uuid not null,
    event_key    text collate "C" not null,     -- the carrier's own id of the event
    tracking_no  text collate "C" not null,
    code         text collate "C" not null,
    text         text not null,
    place        text not null,
    occurred_at  timestamptz not null,
    recorded_at  timestamptz not null,
    primary key (tenant_id, shipment_id, event_key)
);
call platform.guard('shipping.tracking_events', 'select, insert');

create table payments.payments (
    tenant_id       int not null,
    id              uuid not null,
    order_id        uuid not null,
    rank            int not null,
    provider        text collate "C" not null,
    method          text not null,
    token           text not null,
    currency        char(3) not null,
    amount          bigint not null check (amount >= 0),
    capture_at      text not null check (capture_at in ('order', 'release', 'ship', 'external')),
    status          text not null check (status in (
        'requested', 'authorised', 'declined', 'captured', 'voided', 'external')),
    provider_ref    text collate "C" not null default '',
    expires_at      timestamptz,
    authorised      bigint not null default 0,
    captured        bigint not null default 0,
    capturing       bigint not null default 0,   -- intended, not yet settled
    refunded        bigint not null default 0,
    refunding       bigint not null default 0,
    voided          bigint not null default 0,
    created_at      timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, order_id, rank),
    constraint payments_amounts check (least(authorised, captured, capturing, refunded, refunding, voided) >= 0),
    constraint payments_captured check (captured + capturing + voided <= authorised),
    constraint payments_refunded check (refunded + refunding <= captured)
) with (fillfactor = 70);
call platform.guard('payments.payments', 'select, insert, update');

-- Each thing asked of a gateway: one intent, one key, at most one success.
create table payments.effects (
    tenant_id     int not null,
    id            uuid not null,
    payment_id    uuid not null,
    order_id      uuid not null,
    kind          text not null check (kind in ('authorise', 'capture', 'void', 'refund')),
    amount        bigint not null check (amount >= 0),
    subject_id    uuid,                           -- the shipment it pays for
    state         text not null check (state in ('requested', 'succeeded', 'declined')),
    provider_ref  text collate "C" not null default '',
    error         text not null default '',
    requested_at  timestamptz not null,
    settled_at    timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create index effects_payment on payments.effects (tenant_id, payment_id);
create index effects_order on payments.effects (tenant_id, order_id);
create index effects_open on payments.effects (tenant_id, requested_at) where state = 'requested';
create unique index effects_subject on payments.effects (tenant_id, payment_id, kind, subject_id)
    where subject_id is not null and state <> 'declined';
call platform.guard('payments.effects', 'select, insert, update');

-- Money that was due and did not come.
create table payments.receivables (
    tenant_id   int not null,
    id          uuid not null,
    order_id    uuid not null,
    subject_id  uuid not null,
    currency    char(3) not null,
    amount      bigint not null check (amount > 0),
    cause       text not null,
    opened_at   timestamptz not null,
    settled_at  timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, subject_id)
);
create index receivables_order on payments.receivables (tenant_id, order_id);
call platform.guard('payments.receivables', 'select, insert, update');

create table notifications.messages (
    tenant_id   int not null,
    id          uuid not null,
    order_id    uuid not null,
    kind        text not null check (kind in ('order_confirmed', 'shipped', 'delivered', 'pickup_ready', 'cancelled')),
    fact_key    text collate "C" not null,        -- one message for one fact, however often it is told
    recipient   text not null,
    language    text not null,
    subject     text not null,
    text_body   text not null,
    html_body   text not null,
    state       text not null check (state in ('requested', 'sent', 'refused')),
    error       text not null default '',
    created_at  timestamptz not null,
    sent_at     timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, kind, fact_key)
);
create index messages_order on notifications.messages (tenant_id, order_id);
create index messages_open on notifications.messages (tenant_id, created_at) where state = 'requested';
call platform.guard('notifications.messages', 'select, insert, update');
