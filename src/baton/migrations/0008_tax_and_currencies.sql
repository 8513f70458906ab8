-- Tax: the merchant's own rates, and what was determined for each order. Currencies: rates by day.

create schema tax;
create schema currencies;
call platform.admit('tax');
call platform.admit('currencies');

-- What a jurisdiction takes of a category of goods, from a day on until the next row's.
create table tax.rates (
    tenant_id   int not null,
    country     text collate "C" not null,
    region      text collate "C" not null,     -- '': the whole country
    category    text collate "C" not null,
    component   text collate "C" not null,
    valid_from  date not null,
    valid_to    date,
    percent     numeric not null,
    code        text collate "C" not null,     -- UNCL 5305
    exemption   text collate "C" not null,     -- VATEX
    source      text not null,
    primary key (tenant_id, country, region, category, component, valid_from),
    constraint rates_percent check (percent between 0 and 100),
    constraint rates_code check (code in ('S', 'Z', 'E', 'G', 'O')),
    constraint rates_free check ((code = 'S') = (percent > 0)),
    constraint rates_days check (valid_to >= valid_from)
);
call platform.guard('tax.rates', 'select, insert, update');

create table tax.charge_rules (
    tenant_id  int not null,
    country    text collate "C" not null,
    kind       text collate "C" not null,
    category   text collate "C" not null,      -- '': shares the rates of the goods
    primary key (tenant_id, country, kind)
);
call platform.guard('tax.charge_rules', 'select, insert, update');

create table tax.sku_categories (
    tenant_id  int not null,
    sku_id     uuid not null,
    category   text collate "C" not null,
    primary key (tenant_id, sku_id)
);
call platform.guard('tax.sku_categories', 'select, insert, update');

create table tax.registrations (
    tenant_id        int not null,
    legal_entity_id  uuid not null,
    country          text collate "C" not null,
    region           text collate "C" not null,
    scheme           text collate "C" not null check (scheme in ('local', 'oss')),
    number           text collate "C" not null,
    valid_from       date not null,
    valid_to         date,
    primary key (tenant_id, legal_entity_id, country, region, scheme, valid_from),
    constraint registrations_days check (valid_to >= valid_from)
);
call platform.guard('tax.registrations', 'select, insert, update');

create table tax.exemptions (
    tenant_id    int not null,
    id           uuid not null,
    customer_id  uuid not null,
    country      text collate "C" not null,
    region       text collate "C" not null,
    certificate  text not null,
    reason       text collate "C" not null,    -- VATEX, or the office's own
    valid_from   date not null,
    valid_to     date,
    primary key (tenant_id, id),
    constraint exemptions_of unique (tenant_id, customer_id, country, region, valid_from),
    constraint exemptions_days check (valid_to >= valid_from)
);
call platform.guard('tax.exemptions', 'select, insert, update');

-- What a legal entity's channels are like: do they say the tax, and who else is asked?
create table tax.terms (
    tenant_id        int not null,
    legal_entity_id  uuid not null,
    channel_id       uuid not null,            -- nil: all without terms of their own
    given            text collate "C" not null check (given in ('when_present', 'always')),
    service          text collate "C" not null,
    primary key (tenant_id, legal_entity_id, channel_id)
);
call platform.guard('tax.terms', 'select, insert, update');

-- An order's tax as it stands; made anew when what it is determined from changes.
create table tax.determinations (
    tenant_id       int not null,
    order_id        uuid not null,
    version         int not null,
    source          text collate "C" not null check (source in ('channel', 'tables', 'service')),
    service         text collate "C" not null,
    state           text collate "C" not null check (state in ('fits', 'differs', 'unchecked')),
    tax_minor       bigint not null,
    expected_minor  bigint not null,
    note            text not null,
    fingerprint     bytea not null,
    determined_at   timestamptz not null,
    primary key (tenant_id, order_id)
);
call platform.guard('tax.determinations', 'select, insert, update');

create table tax.parts (
    tenant_id       int not null,
    order_id        uuid not null,
    line_no         int not null,              -- 0: a charge
    charge_no       int not null,              -- 0: a line
    component       text collate "C" not null,
    jurisdiction    text collate "C" not null,
    category        text collate "C" not null check (category in ('S', 'Z', 'E', 'AE', 'K', 'G', 'O')),
    rate            numeric not null,
    basis_minor     bigint not null,
    tax_minor       bigint not null,
    reason          text collate "C" not null,
    goods_category  text collate "C" not null,
    exemption       text collate "C" not null,
    expected_minor  bigint not null,
    primary key (tenant_id, order_id, line_no, charge_no, component),
    constraint parts_of check ((line_no = 0) <> (charge_no = 0))
);
call platform.guard('tax.parts', 'select, insert, delete');

-- What was asked of a tax service; the id is the idempotency key.
create table tax.calls (
    tenant_id     int not null,
    id            uuid not null,
    kind          text collate "C" not null check (kind in ('quote', 'commit', 'void')),
    order_id      uuid not null,
    subject_id    uuid not null,               -- the order that is quoted, the shipment committed
    version       int not null,                -- of the order's tax, where a quote is asked
    service       text collate "C" not null,
    state         text collate "C" not null check (state in ('requested', 'succeeded', 'refused')),
    request       jsonb not null,
    ref           text collate "C" not null,
    error         text not null,
    requested_at  timestamptz not null,
    settled_at    timestamptz,
    primary key (tenant_id, id),
    constraint calls_once unique (tenant_id, subject_id, kind, version)
);
create index calls_order on tax.calls (tenant_id, order_id);
create index calls_open on tax.calls (tenant_id, requested_at, id) where state = 'requested';
call platform.guard('tax.calls', 'select, insert, update');

-- How much of a currency one EUR was on a day, as a source published it.
create table currencies.rates (
    tenant_id  int not null,
    currency   text collate "C" not null,
    day        date not null,
    per_euro   numeric not null,
    source     text collate "C" not null,
    import_id  uuid not null,
    primary key (tenant_id, currency, day),
    constraint rates_positive check (per_euro > 0)
);
create index currency_days on currencies.rates (tenant_id, day desc, currency);
call platform.guard('currencies.rates', 'select, insert, update');

create table currencies.imports (
    tenant_id  int not null,
    id         uuid not null,
    source     text collate "C" not null,
    actor      text not null,
    at         timestamptz not null,
    days       int not null,
    added      int not null,
    changed    int not null,
    rejected   int not null,
    primary key (tenant_id, id)
);
call platform.guard('currencies.imports', 'select, insert');

-- Rows of a file that say no rate, as they came.
create table currencies.rejects (
    tenant_id  int not null,
    import_id  uuid not null,
    place      int not null,
    row        text not null,
    problem    text not null,
    primary key (tenant_id, import_id, place)
);
call platform.guard('currencies.rejects', 'select, insert');

-- Orders in another currency whose rate is not known yet.
create index orders_rate_open on orders.orders (tenant_id, id) where base_rate is null;
