-- What every table stands on: the tenant wall, the clock, the journal, the work queue, idempotency keys.

create schema platform;
create schema journal;
create schema work;

-- Puts a table behind the tenant wall and grants the program's role what it may do there.
create procedure platform.guard(guarded regclass, privileges text)
language plpgsql as $$
begin
    execute format('alter table %s enable row level security', guarded);
    execute format('alter table %s force row level security', guarded);
    execute format(
        'create policy tenant on %s using (tenant_id = (select nullif(current_setting(''baton.tenant'', true), '''')::int))',
        guarded);
    if to_regrole('baton_app') is not null then
        execute format('grant %s on %s to baton_app', privileges, guarded);
    end if;
end $$;

-- Lets the program's role into a schema; called once when a module makes its own.
create procedure platform.admit(admitted regnamespace)
language plpgsql as $$
begin
    if to_regrole('baton_app') is not null then
        execute format('grant usage on schema %s to baton_app', admitted);
    end if;
end $$;

call platform.admit('platform');
call platform.admit('journal');
call platform.admit('work');

-- How far business time is ahead of the server's: nothing, but in demonstrations and tests.
create table platform.clock (
    single  boolean primary key default true check (single),
    ahead   interval not null default '0'
);
insert into platform.clock default values;
do $$ begin
    if to_regrole('baton_app') is not null then grant select, update on platform.clock to baton_app; end if;
end $$;

create table platform.idempotency_keys (
    tenant_id  int not null,
    key        text collate "C" not null,
    body_hash  bytea not null,
    status     int,
    answer     text,
    at         timestamptz not null,
    primary key (tenant_id, key)
);
create index idempotency_keys_at on platform.idempotency_keys (tenant_id, at);
call platform.guard('platform.idempotency_keys', 'select, insert, update, delete');

-- One fact is one row: outbox, timeline and audit log at once.
create table journal.entries (
    tenant_id   int not null,
    id          uuid not null,
    subject     text collate "C" not null,
    subject_id  uuid not null,
    seq         int not null,
    fact        text collate "C" not null,
    data        jsonb not null,
    actor       text not null,
    cause       text not null,
    at          timestamptz not null,
    no          bigint,             -- dense per tenant, stamped after commit: what cursors run on
    seal_no     bigint,
    primary key (tenant_id, id),
    constraint entries_seq unique (tenant_id, subject_id, seq)
);
create unique index entries_no on journal.entries (tenant_id, no) where no is not null;
create index entries_new on journal.entries (tenant_id, at, id) where no is null;
create index entries_sealed on journal.entries (tenant_id, seal_no);
call platform.guard('journal.entries', 'select, insert, update (no, seal_no)');

-- The last number and the head of the hash chain, one row a tenant.
create table journal.heads (
    tenant_id  int primary key,
    no         bigint not null,
    seal_no    bigint not null,
    hash       bytea not null
);
call platform.guard('journal.heads', 'select, insert, update');

create table journal.seals (
    tenant_id  int not null,
    seal_no    bigint not null,
    entries    int not null,
    hash       bytea not null,
    at         timestamptz not null,
    primary key (tenant_id, seal_no)
);
call platform.guard('journal.seals', 'select, insert');

create table work.items (
    tenant_id    int not null,
    id           uuid not null,
    kind         text collate "C" not null,
    lane         text collate "C" not null default '',  -- items of one lane run one after another
    payload      jsonb not null,
    state        text not null check (state in ('ready', 'leased', 'parked')),
    run_at       timestamptz not null,
    lease_until  timestamptz,
    fence        int not null default 0,
    attempts     int not null default 0,
    error        text,
    once_key     text collate "C",
    created_at   timestamptz not null,
    primary key (tenant_id, id)
) with (fillfactor = 70);
create unique index items_once on work.items (tenant_id, kind, once_key) where once_key is not null;
create index items_ready on work.items (tenant_id, run_at, id) where state = 'ready';
create index items_leased on work.items (tenant_id, lease_until) where state = 'leased';
create index items_parked on work.items (tenant_id, created_at) where state = 'parked';
create index items_lane on work.items (tenant_id, lane, id) where lane <> '' and state <> 'parked';
call platform.guard('work.items', 'select, insert, update, delete');
