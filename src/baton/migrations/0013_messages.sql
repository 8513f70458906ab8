-- Messages by mail and text, in a merchant's own words; what customers say; who may be texted.

alter table notifications.messages
    add column medium      text not null default 'mail' check (medium in ('mail', 'sms')),
    add column due_at      timestamptz,                 -- not sent before; null: at once
    add column attachment  text not null default '',    -- names the document that goes with it
    add column copy_no     int not null default 0 check (copy_no between 0 and 1000),
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'order_confirmed', 'payment_failed', 'shipped', 'out_for_delivery', 'pickup_ready', 'delayed',
        'delivered', 'cancelled', 'order_changed', 'refund_made', 'return_approved', 'return_refused',
        'return_question', 'return_label', 'return_received', 'exchange_shipped', 'invoice_issued',
        'gift_card', 'store_credit', 'csat_delivery', 'csat_return', 'order_link')),
    drop constraint messages_tenant_id_kind_fact_key_key,
    -- copies above 0 are those that somebody had sent again
    add constraint messages_once unique (tenant_id, kind, fact_key, medium, copy_no);

-- Every version of a merchant's own words; the newest counts, unless it takes them back.
create table notifications.templates (
    tenant_id  int not null,
    kind       text collate "C" not null,
    language   text collate "C" not null check (language ~ '^[a-z]{2,3}$'),
    medium     text collate "C" not null check (medium in ('mail', 'sms')),
    version    int not null check (version >= 1),
    subject    text not null,
    text_body  text not null,
    html_body  text not null,
    withdrawn  boolean not null,
    author     text not null,
    saved_at   timestamptz not null,
    primary key (tenant_id, kind, language, medium, version)
);
call platform.guard('notifications.templates', 'select, insert');

-- What a merchant wants of messages, for all channels (the nil id) or for one.
create table notifications.preferences (
    tenant_id       int not null,
    channel_id      uuid not null,
    language        text collate "C" not null,
    quiet_start     time not null,
    quiet_end       time not null,
    time_zone       text collate "C" not null,
    off             text[] not null,
    ask_after_days  int check (ask_after_days between 0 and 365),
    primary key (tenant_id, channel_id)
);
call platform.guard('notifications.preferences', 'select, insert, update');

-- What customers want to hear, by kind and medium; without a row: mail yes, texts no.
create table notifications.consents (
    tenant_id    int not null,
    customer_id  uuid not null,
    medium       text collate "C" not null check (medium in ('mail', 'sms')),
    kind         text collate "C" not null,
    granted      boolean not null,
    author       text not null,
    changed_at   timestamptz not null,
    primary key (tenant_id, customer_id, medium, kind)
);
call platform.guard('notifications.consents', 'select, insert, update');

-- The promise that a customer was last told, so that one that moves is told once.
create table notifications.promises (
    tenant_id    int not null,
    order_id     uuid not null,
    group_no     int not null,
    promised_by  date not null,
    primary key (tenant_id, order_id, group_no)
);
call platform.guard('notifications.promises', 'select, insert, update');

-- What customers said of a delivery or a return, once for each.
create table notifications.ratings (
    tenant_id  int not null,
    asked      text collate "C" not null check (asked in ('delivery', 'return')),
    fact_key   text collate "C" not null,
    order_id   uuid not null,
    score      int not null check (score between 1 and 5),
    comment    text not null check (length(comment) <= 2000),
    rated_at   timestamptz not null,
    primary key (tenant_id, asked, fact_key)
);
create index ratings_time on notifications.ratings (tenant_id, rated_at);
create index ratings_order on notifications.ratings (tenant_id, order_id);
call platform.guard('notifications.ratings', 'select, insert');

-- How often a stranger asked for an order's link: by address of the network and by number.
create table notifications.askings (
    tenant_id     int not null,
    key           text collate "C" not null,            -- a hash: nobody is named here
    window_start  timestamptz not null,
    times         int not null check (times >= 1),
    primary key (tenant_id, key)
);
create index askings_time on notifications.askings (tenant_id, window_start);
call platform.guard('notifications.askings', 'select, insert, update, delete');
