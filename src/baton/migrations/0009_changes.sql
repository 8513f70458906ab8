-- One mechanism for changes of orders: what was wanted, what it waits for, and its version.

alter table orders.changes drop constraint changes_kind_check;
alter table orders.changes
    add column id          uuid,
    add column state       text not null default 'applied'
        constraint changes_state check (state in ('pending', 'applied', 'refused')),
    add column version     int,
    add column actions     jsonb not null default '[]',
    add column waits       jsonb not null default '{}',
    add column hold_id     uuid,
    add column settled_at  timestamptz,
    add column outcome     text not null default '';

-- What was there was applied, in the order of its numbers.
alter table orders.changes no force row level security;
update orders.changes set version = change_no, settled_at = at;
alter table orders.changes force row level security;
alter table orders.changes
    add constraint changes_version check ((state = 'applied') = (version is not null));
create unique index changes_versions on orders.changes (tenant_id, order_id, version);
do $$ begin
    if to_regrole('baton_app') is not null then grant update on orders.changes to baton_app; end if;
end $$;

alter table orders.charges add column waives int;
