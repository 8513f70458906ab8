-- Who may do what, for which merchant.

create schema access;
call platform.admit('access');

create table access.tenants (
    id          int primary key,
    handle      text collate "C" not null unique,
    name        text not null,
    created_at  timestamptz not null
);
do $$ begin
    if to_regrole('baton_app') is not null then grant select, insert, update on access.tenants to baton_app; end if;
end $$;

create table access.legal_entities (
    tenant_id       int not null,
    id              uuid not null,
    code            text collate "C" not null,
    name            text not null,
    country         char(2) not null,
    tax_ids         jsonb not null,
    base_currency   char(3) not null,
    invoice_series  text not null,
    created_at      timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, code)
);
call platform.guard('access.legal_entities', 'select, insert, update');

create table access.users (
    tenant_id      int not null,
    id             uuid not null,
    email          text collate "C" not null,
    name           text not null,
    password_hash  text not null,
    roles          text[] not null,
    location_ids   uuid[],           -- null: all locations
    created_at     timestamptz not null,
    disabled_at    timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, email)
);
call platform.guard('access.users', 'select, insert, update');

create table access.sessions (
    tenant_id    int not null,
    secret_hash  bytea not null,
    user_id      uuid not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    primary key (tenant_id, secret_hash)
);
create index sessions_user on access.sessions (tenant_id, user_id);
call platform.guard('access.sessions', 'select, insert, update, delete');

create table access.api_keys (
    tenant_id     int not null,
    id            uuid not null,
    name          text not null,
    hint          text not null,      -- the last four letters, so that a person can tell keys apart
    secret_hash   bytea not null,
    scopes        text[] not null,
    location_ids  uuid[],
    created_at    timestamptz not null,
    revoked_at    timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, secret_hash)
);
call platform.guard('access.api_keys', 'select, insert, update');
