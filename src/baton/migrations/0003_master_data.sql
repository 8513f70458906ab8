-- What is sold, by whom, to whom, from where and through which channel.

create schema catalog;
create schema customers;
create schema locations;
create schema channels;
call platform.admit('catalog');
call platform.admit('customers');
call platform.admit('locations');
call platform.admit('channels');

create table catalog.products (
    tenant_id   int not null,
    id          uuid not null,
    code        text collate "C" not null,
    title       text not null,
    brand       text not null,
    category    text not null,
    tags        text[] not null,
    created_at  timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, code)
);
call platform.guard('catalog.products', 'select, insert, update');

create table catalog.skus (
    tenant_id       int not null,
    id              uuid not null,
    code            text collate "C" not null,
    product_id      uuid not null,
    title           text not null,
    kind            text not null check (kind in ('goods', 'service', 'gift_card')),
    weight_g        int not null check (weight_g >= 0),
    length_mm       int not null check (length_mm >= 0),
    width_mm        int not null check (width_mm >= 0),
    height_mm       int not null check (height_mm >= 0),
    hs_code         text not null,
    origin_country  text not null,
    currency        char(3) not null,
    price_minor     bigint not null,
    cost_minor      bigint not null,
    active          boolean not null,
    ship_alone      boolean not null default false,
    created_at      timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, code)
);
create index skus_product on catalog.skus (tenant_id, product_id);
call platform.guard('catalog.skus', 'select, insert, update');

create table catalog.barcodes (
    tenant_id  int not null,
    gtin       text collate "C" not null,   -- always 14 digits
    sku_id     uuid not null,
    primary key (tenant_id, gtin)
);
create index barcodes_sku on catalog.barcodes (tenant_id, sku_id);
call platform.guard('catalog.barcodes', 'select, insert, update, delete');

create table customers.customers (
    tenant_id    int not null,
    id           uuid not null,
    name         text not null,
    email        text collate "C" not null,
    phone        text collate "C" not null,
    language     text not null,
    merged_into  uuid,                      -- a pointer that can be taken back; capture never sets it
    created_at   timestamptz not null,
    primary key (tenant_id, id)
);
create index customers_email on customers.customers (tenant_id, email);
call platform.guard('customers.customers', 'select, insert, update');

-- How a customer is known again: "channel:<id>" and the channel's own customer id, or "email".
create table customers.identities (
    tenant_id    int not null,
    kind         text collate "C" not null,
    value        text collate "C" not null,
    customer_id  uuid not null,
    primary key (tenant_id, kind, value)
);
create index identities_customer on customers.identities (tenant_id, customer_id);
call platform.guard('customers.identities', 'select, insert, update, delete');

create table customers.addresses (
    tenant_id    int not null,
    customer_id  uuid not null,
    id           uuid not null,
    address      jsonb not null,            -- the customer's own text
    problems     jsonb not null,            -- what the country's rules say of it
    created_at   timestamptz not null,
    primary key (tenant_id, customer_id, id)
);
call platform.guard('customers.addresses', 'select, insert, update, delete');

create table locations.areas (
    tenant_id   int not null,
    id          uuid not null,
    code        text collate "C" not null,
    name        text not null,
    created_at  timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, code)
);
call platform.guard('locations.areas', 'select, insert, update');

create table locations.locations (
    tenant_id         int not null,
    id                uuid not null,
    code              text collate "C" not null,
    name              text not null,
    kind              text not null check (kind in ('warehouse', 'store', '3pl', 'supplier')),
    area_id           uuid not null,        -- every location lies in exactly one area
    legal_entity_id   uuid not null,
    address           jsonb not null,
    country           char(2) not null,
    lat               double precision,
    lon               double precision,
    time_zone         text not null,
    weekdays          int[] not null,       -- ISO days of the week on which it works
    cut_off           time not null,        -- orders released by then leave the same day
    processing_days   int not null check (processing_days >= 0),
    capacity_per_day  int check (capacity_per_day >= 0),
    can               text[] not null,      -- ship, pickup, receive, count
    pick_cost_minor   bigint not null check (pick_cost_minor >= 0),
    pack_cost_minor   bigint not null check (pack_cost_minor >= 0),
    active            boolean not null,
    created_at        timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, code)
);
create index locations_area on locations.locations (tenant_id, area_id);
call platform.guard('locations.locations', 'select, insert, update');

create table locations.closures (
    tenant_id    int not null,
    location_id  uuid not null,
    closed_on    date not null,
    reason       text not null,
    primary key (tenant_id, location_id, closed_on)
);
call platform.guard('locations.closures', 'select, insert, update, delete');

create table channels.channels (
    tenant_id           int not null,
    id                  uuid not null,
    code                text collate "C" not null,
    name                text not null,
    kind                text not null check (kind in ('shop', 'marketplace', 'pos', 'phone', 'edi', 'import')),
    acceptance          text not null check (acceptance in ('refuse', 'partial', 'backorder', 'must_accept')),
    legal_entity_id     uuid not null,
    currency            char(3) not null,
    prices_include_tax  boolean not null,
    capture_at          text not null check (capture_at in ('order', 'release', 'ship', 'external')),
    payment_provider    text not null,
    active              boolean not null,
    created_at          timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, code)
);
call platform.guard('channels.channels', 'select, insert, update');

-- The ordered list of areas that a channel sells from.
create table channels.areas (
    tenant_id   int not null,
    channel_id  uuid not null,
    rank        int not null,
    area_id     uuid not null,
    primary key (tenant_id, channel_id, rank),
    unique (tenant_id, channel_id, area_id)
);
call platform.guard('channels.areas', 'select, insert, update, delete');
