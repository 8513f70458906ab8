-- Returns that are worked on: policy, goods on their way back, grading, settlement.

-- The merchant's own policies, each version kept for good; 0 is the built-in one.
create table returns.policies (
    tenant_id    int not null,
    version      int not null check (version > 0),
    name         text not null,
    content      jsonb not null,
    fingerprint  bytea not null,
    saved_at     timestamptz not null,
    saved_by     text not null,
    primary key (tenant_id, version)
);
call platform.guard('returns.policies', 'select, insert');

create table returns.policy_in_force (
    tenant_id  int not null primary key,
    version    int not null
);
call platform.guard('returns.policy_in_force', 'select, insert, update');

-- The guard of units: what of an order line is claimed by returns, and whose money was settled.
create table returns.claims (
    tenant_id   int not null,
    order_id    uuid not null,
    order_line  int not null,
    gone        int not null,             -- shipped and not lost, when it was last looked at
    claimed     int not null,             -- returned, or on an open return
    settled     int not null,             -- of these, units whose money was settled
    primary key (tenant_id, order_id, order_line),
    constraint claims_units check (claimed >= 0 and claimed <= gone),
    constraint claims_settled check (settled >= 0 and settled <= gone)
) with (fillfactor = 80);
call platform.guard('returns.claims', 'select, insert, update');

create table returns.rmas (
    tenant_id     int not null,
    id            uuid not null,
    number        text collate "C" not null,
    order_id      uuid not null,
    order_number  text collate "C" not null,
    channel_id    uuid not null,
    customer_id   uuid,
    currency      char(3) not null,
    cause         text not null check (cause in (
        'request', 'refused_parcel', 'lost_parcel', 'unannounced', 'channel')),
    status        text not null check (status in (
        'requested', 'flagged', 'asked', 'approved', 'refused', 'on_its_way', 'received', 'graded',
        'settled', 'closed', 'cancelled', 'expired')),
    location_id   uuid,                   -- where the goods are to come
    policy        int not null,           -- the version it was decided by
    terms         jsonb not null,         -- what the policy allows, for good
    reasons       text[] not null,        -- codes of the decision
    question      text not null,          -- what is asked of the customer
    note          text not null,
    requested_at  timestamptz not null,
    decided_at    timestamptz,
    decided_by    text not null,
    expires_at    timestamptz,
    closed_at     timestamptz,
    version       int not null,
    primary key (tenant_id, id),
    constraint rmas_number unique (tenant_id, number)
) with (fillfactor = 80);
create index rmas_order on returns.rmas (tenant_id, order_id);
create index rmas_recent on returns.rmas (tenant_id, requested_at desc, id desc);
create index rmas_status on returns.rmas (tenant_id, status, requested_at desc, id desc);
create index rmas_customer on returns.rmas (tenant_id, customer_id) where customer_id is not null;
create index rmas_due on returns.rmas (tenant_id, expires_at)
    where status in ('asked', 'approved', 'on_its_way');
call platform.guard('returns.rmas', 'select, insert, update');

create table returns.rma_lines (
    tenant_id      int not null,
    rma_id         uuid not null,
    line_no        int not null,
    order_id       uuid not null,
    order_line     int not null,
    sku_id         uuid not null,
    sku_code       text collate "C" not null,
    title          text not null,
    requested      int not null check (requested > 0),
    units          int not null,           -- of these, what may come back
    reason         text collate "C" not null,
    condition      text collate "C" not null,
    note           text not null,
    wanted         text not null check (wanted in ('original', 'store_credit', 'exchange', 'none')),
    exchange_sku   text collate "C" not null,
    outcome        text not null check (outcome in ('approve', 'ask', 'offer', 'flag', 'refuse', '')),
    decision       jsonb not null,         -- inputs, the rule that spoke, and what it said
    told_minor     bigint,                 -- what a channel says it gave back for all units
    received       int not null default 0,
    kept           int not null default 0, -- paid for without coming back
    missing        int not null default 0, -- will not come any more
    graded         int not null default 0,
    disposed       int not null default 0,
    settled        int not null default 0,
    primary key (tenant_id, rma_id, line_no),
    constraint rma_lines_units check (units >= 0 and units <= requested),
    constraint rma_lines_come check (least(received, kept, missing) >= 0 and received + kept + missing <= units),
    constraint rma_lines_graded check (graded >= 0 and graded <= received),
    constraint rma_lines_disposed check (disposed >= 0 and disposed <= graded),
    constraint rma_lines_settled check (settled >= 0 and settled <= units)
) with (fillfactor = 70);
create index rma_lines_order on returns.rma_lines (tenant_id, order_id, order_line);
call platform.guard('returns.rma_lines', 'select, insert, update');

-- What came in at a location, in one scan.
create table returns.receipts (
    tenant_id    int not null,
    id           uuid not null,
    rma_id       uuid not null,
    location_id  uuid not null,
    reference    text collate "C" not null,
    parcel_id    uuid,                    -- came as unexpected goods, whose stock was moved then
    received_at  timestamptz not null,
    actor        text not null,
    primary key (tenant_id, id)
);
create index receipts_rma on returns.receipts (tenant_id, rma_id);
create unique index receipts_reference on returns.receipts (tenant_id, rma_id, reference) where reference <> '';
call platform.guard('returns.receipts', 'select, insert');

create table returns.receipt_lines (
    tenant_id   int not null,
    receipt_id  uuid not null,
    line_no     int not null,
    units       int not null check (units > 0),
    primary key (tenant_id, receipt_id, line_no)
);
call platform.guard('returns.receipt_lines', 'select, insert');

-- Units of one line at one location, looked at; what became of them.
create table returns.gradings (
    tenant_id    int not null,
    id           uuid not null,
    rma_id       uuid not null,
    line_no      int not null,
    location_id  uuid not null,
    units        int not null check (units > 0),
    grade        text not null check (grade in ('A', 'B', 'C', 'scrap')),
    note         text not null,
    graded_at    timestamptz not null,
    graded_by    text not null,
    disposition  text not null check (disposition in (
        '', 'restock', 'refurbish', 'repair', 'donate', 'return_to_vendor', 'write_off')),
    disposed_at  timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create index gradings_rma on returns.gradings (tenant_id, rma_id);
call platform.guard('returns.gradings', 'select, insert, update');

create table returns.photos (
    tenant_id   int not null,
    id          uuid not null,
    rma_id      uuid not null,
    line_no     int not null,
    stage       text not null check (stage in ('request', 'grade')),
    media_type  text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
    content     bytea not null check (octet_length(content) between 1 and 1000000),
    added_at    timestamptz not null,
    added_by    text not null,
    primary key (tenant_id, id)
);
create index photos_rma on returns.photos (tenant_id, rma_id);
call platform.guard('returns.photos', 'select, insert');

create table returns.settlements (
    tenant_id         int not null,
    id                uuid not null,
    rma_id            uuid not null,
    settlement_no     int not null,
    order_id          uuid not null,
    goes_to           text not null check (goes_to in ('original', 'store_credit', 'exchange', 'none')),
    currency          char(3) not null,
    goods_minor       bigint not null,
    tax_minor         bigint not null,     -- contained in goods
    charges_minor     bigint not null,     -- given back, or taken off where negative
    fee_minor         bigint not null check (fee_minor >= 0),
    bonus_minor       bigint not null check (bonus_minor >= 0),
    amount_minor      bigint not null check (amount_minor >= 0),
    withheld_minor    bigint not null check (withheld_minor >= 0), -- was never paid, so not given back
    exchange_order    uuid,
    settled_at        timestamptz not null,
    settled_by        text not null,
    primary key (tenant_id, id),
    constraint settlements_once unique (tenant_id, rma_id, settlement_no),
    constraint settlements_sum check (
        amount_minor = greatest(goods_minor + charges_minor - fee_minor, 0) + bonus_minor - withheld_minor)
);
create index settlements_order on returns.settlements (tenant_id, order_id);
call platform.guard('returns.settlements', 'select, insert, update');

create table returns.settlement_lines (
    tenant_id      int not null,
    settlement_id  uuid not null,
    line_no        int not null,
    order_id       uuid not null,
    order_line     int not null,
    first_unit     int not null check (first_unit >= 0),
    units          int not null check (units > 0),
    amount         bigint not null,        -- what the units cost, less what the grade takes off
    tax            bigint not null,
    primary key (tenant_id, settlement_id, line_no),
    constraint settlement_units_once unique (tenant_id, order_id, order_line, first_unit)
);
call platform.guard('returns.settlement_lines', 'select, insert');

create table returns.settlement_charges (
    tenant_id      int not null,
    settlement_id  uuid not null,
    charge_no      int not null,
    order_id       uuid not null,
    amount         bigint not null,
    whole          boolean not null,       -- given back at once, and so once
    primary key (tenant_id, settlement_id, charge_no)
);
create unique index settlement_charges_once on returns.settlement_charges (tenant_id, order_id, charge_no) where whole;
create index settlement_charges_order on returns.settlement_charges (tenant_id, order_id);
call platform.guard('returns.settlement_charges', 'select, insert');

-- The label for the way back; one live label a return.
create table returns.labels (
    tenant_id     int not null,
    id            uuid not null,
    rma_id        uuid not null,
    carrier       text collate "C" not null,
    service       text collate "C" not null,
    state         text not null check (state in ('requested', 'bought', 'refused', 'own')),
    tracking_no   text collate "C" not null,
    currency      char(3) not null,
    cost_minor    bigint not null,
    pdf           bytea,
    error         text not null,
    requested_at  timestamptz not null,
    settled_at    timestamptz,
    scanned_at    timestamptz,
    primary key (tenant_id, id)
);
create index return_labels_rma on returns.labels (tenant_id, rma_id);
create index return_labels_tracking on returns.labels (tenant_id, tracking_no) where tracking_no <> '';
create unique index return_labels_live on returns.labels (tenant_id, rma_id) where state in ('requested', 'bought');
call platform.guard('returns.labels', 'select, insert, update');

-- Goods that came without a return, or that no return waits for: in quarantine until matched.
create table returns.parcels (
    tenant_id    int not null,
    id           uuid not null,
    number       text collate "C" not null,
    location_id  uuid not null,
    status       text not null check (status in ('quarantine', 'matched', 'disposed')),
    rma_id       uuid,
    order_hint   text collate "C" not null,
    sender       text not null,
    tracking_no  text collate "C" not null,
    reference    text collate "C" not null,
    note         text not null,
    arrived_at   timestamptz not null,
    actor        text not null,
    settled_at   timestamptz,
    primary key (tenant_id, id)
);
create index parcels_status on returns.parcels (tenant_id, status, arrived_at, id);
create unique index parcels_reference on returns.parcels (tenant_id, location_id, reference) where reference <> '';
call platform.guard('returns.parcels', 'select, insert, update');

create table returns.parcel_lines (
    tenant_id    int not null,
    parcel_id    uuid not null,
    line_no      int not null,
    sku_id       uuid not null,
    sku_code     text collate "C" not null,
    units        int not null check (units > 0),
    matched      int not null default 0,
    primary key (tenant_id, parcel_id, line_no),
    constraint parcel_lines_matched check (matched between 0 and units)
);
call platform.guard('returns.parcel_lines', 'select, insert, update');

-- What a carrier owes for a parcel that it lost or broke.
create table returns.carrier_claims (
    tenant_id      int not null,
    id             uuid not null,
    order_id       uuid not null,
    shipment_id    uuid not null,
    carrier        text collate "C" not null,
    reason         text not null,
    currency       char(3) not null,
    claimed_minor  bigint not null check (claimed_minor > 0),
    paid_minor     bigint not null check (paid_minor between 0 and claimed_minor),
    status         text not null check (status in ('open', 'paid', 'refused')),
    note           text not null,
    opened_at      timestamptz not null,
    settled_at     timestamptz,
    primary key (tenant_id, id),
    constraint carrier_claims_once unique (tenant_id, shipment_id)
);
create index carrier_claims_recent on returns.carrier_claims (tenant_id, opened_at desc, id desc);
call platform.guard('returns.carrier_claims', 'select, insert, update');

-- Stock: goods come back into quarantine, and leave it one way or another.
alter table inventory.documents drop constraint documents_kind_check;
alter table inventory.documents add constraint documents_kind_check check (kind in (
    'receipt', 'adjustment', 'count', 'write_off', 'damage', 'missing', 'found', 'sale',
    'transfer', 'arrival', 'return', 'restock', 'donation', 'vendor_return', 'repair'));
alter table inventory.movements drop constraint movements_kind_check;
alter table inventory.movements add constraint movements_kind_check check (kind in (
    'receive', 'ship', 'adjust', 'count', 'damage', 'missing', 'found', 'sale', 'write_off',
    'transfer_out', 'transfer_in', 'return', 'restock', 'donate', 'vendor_return', 'repair'));
