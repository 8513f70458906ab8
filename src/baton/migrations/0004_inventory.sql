-- Stock: levels and area rows beside an append-only ledger, and who has reserved what.

create schema inventory;
call platform.admit('inventory');

create table inventory.levels (
    tenant_id    int not null,
    sku_id       uuid not null,
    location_id  uuid not null,
    area_id      uuid not null,
    on_hand      int not null,
    unavailable  int not null default 0,
    held_back    int not null default 0,
    allocated    int not null default 0,
    short        int not null default 0,
    primary key (tenant_id, sku_id, location_id),
    constraint levels_unavailable check (unavailable >= 0),
    constraint levels_held_back check (held_back >= 0),
    constraint levels_allocated check (allocated >= 0 and allocated <= greatest(on_hand - unavailable, 0) + short),
    constraint levels_short check (short >= 0)
) with (fillfactor = 70);
create index levels_location on inventory.levels (tenant_id, location_id, sku_id);
call platform.guard('inventory.levels', 'select, insert, update');

create table inventory.area_stock (
    tenant_id  int not null,
    sku_id     uuid not null,
    area_id    uuid not null,
    physical   int not null,
    offered    int not null,
    committed  int not null default 0,
    short      int not null default 0,
    primary key (tenant_id, sku_id, area_id),
    constraint area_stock_offered check (offered >= 0),
    constraint area_stock_committed check (committed >= 0 and committed <= greatest(physical, 0) + short),
    constraint area_stock_short check (short >= 0)
) with (fillfactor = 70);
call platform.guard('inventory.area_stock', 'select, insert, update');

-- Append only: what happened to a SKU at a location, when, and by which document.
create table inventory.movements (
    tenant_id          int not null,
    id                 uuid not null,
    sku_id             uuid not null,
    location_id        uuid not null,
    kind               text not null check (kind in (
        'receive', 'ship', 'adjust', 'count', 'damage', 'missing', 'found', 'sale', 'write_off',
        'transfer_out', 'transfer_in', 'return')),
    on_hand            int not null,      -- signed change
    unavailable        int not null,      -- signed change
    document_kind      text not null,
    document_id        uuid not null,
    document_line      int not null,
    reason             text not null,
    actor              text not null,
    occurred_at        timestamptz not null,
    recorded_at        timestamptz not null,
    primary key (tenant_id, id),
    constraint movements_once unique (tenant_id, document_id, document_line, kind, sku_id, location_id)
);
create index movements_level on inventory.movements (tenant_id, sku_id, location_id, recorded_at);
call platform.guard('inventory.movements', 'select, insert');

-- Promised units: reserved in an area, and allocated once location_id is not the nil id.
create table inventory.reservations (
    tenant_id    int not null,
    owner_id     uuid not null,
    owner_line   int not null,
    area_id      uuid not null,
    location_id  uuid not null,
    owner_kind   text not null check (owner_kind in (
        'order', 'cart', 'channel', 'transfer', 'kit_build', 'queue')),
    sku_id       uuid not null,
    quantity     int not null check (quantity > 0),
    expires_at   timestamptz,
    primary key (tenant_id, owner_id, owner_line, area_id, location_id)
) with (fillfactor = 70);
create index reservations_sku on inventory.reservations (tenant_id, sku_id, area_id, location_id);
create index reservations_expiry on inventory.reservations (tenant_id, expires_at) where expires_at is not null;
call platform.guard('inventory.reservations', 'select, insert, update, delete');

-- Units that were promised and are not there; each is in one open row until it is worked off.
create table inventory.shortages (
    tenant_id    int not null,
    id           uuid not null,
    sku_id       uuid not null,
    area_id      uuid not null,
    location_id  uuid not null,       -- the nil id: the area as a whole is short
    units        int not null check (units > 0),
    open_units   int not null check (open_units >= 0 and open_units <= units),
    cause        text not null,
    document_id  uuid not null,
    opened_at    timestamptz not null,
    closed_at    timestamptz,
    primary key (tenant_id, id)
);
create index shortages_open on inventory.shortages (tenant_id, sku_id, area_id, location_id) where closed_at is null;
call platform.guard('inventory.shortages', 'select, insert, update');

-- Receipts, adjustments, counts, transfers and write-offs, as they were handed in.
create table inventory.documents (
    tenant_id       int not null,
    id              uuid not null,
    kind            text not null check (kind in (
        'receipt', 'adjustment', 'count', 'write_off', 'damage', 'missing', 'found', 'sale',
        'transfer', 'arrival')),
    state           text not null check (state in (
        'recorded', 'requested', 'in_transit', 'received', 'cancelled', 'history')),
    location_id     uuid not null,
    to_location_id  uuid,
    reason          text not null,
    reference       text collate "C" not null,
    occurred_at     timestamptz not null,
    recorded_at     timestamptz not null,
    actor           text not null,
    primary key (tenant_id, id)
);
create index documents_recent on inventory.documents (tenant_id, kind, recorded_at);
create unique index documents_reference on inventory.documents (tenant_id, kind, reference) where reference <> '';
call platform.guard('inventory.documents', 'select, insert, update');

create table inventory.document_lines (
    tenant_id    int not null,
    document_id  uuid not null,
    line_no      int not null,
    sku_id       uuid not null,
    quantity     int not null,          -- counted, received, adjusted by, to be moved
    expected     int,                   -- what the level was believed to hold
    sent         int not null default 0,
    received     int not null default 0,
    primary key (tenant_id, document_id, line_no)
);
create index document_lines_sku on inventory.document_lines (tenant_id, sku_id);
call platform.guard('inventory.document_lines', 'select, insert, update');

create table inventory.count_tasks (
    tenant_id    int not null,
    id           uuid not null,
    location_id  uuid not null,
    sku_id       uuid not null,
    cause        text not null,
    opened_at    timestamptz not null,
    document_id  uuid,                  -- the count that settled it
    closed_at    timestamptz,
    primary key (tenant_id, id)
);
create unique index count_tasks_open on inventory.count_tasks (tenant_id, location_id, sku_id) where closed_at is null;
call platform.guard('inventory.count_tasks', 'select, insert, update');
