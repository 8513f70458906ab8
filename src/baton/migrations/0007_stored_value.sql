-- Gift cards and store credit: money of buyers that the merchant holds, as a ledger of its own.

create schema stored_value;
call platform.admit('stored_value');

create table stored_value.accounts (
    tenant_id    int not null,
    id           uuid not null,
    kind         text not null check (kind in ('gift_card', 'store_credit')),
    currency     char(3) not null,
    customer_id  uuid,                           -- whose store credit it is
    code_hash    bytea,                          -- of a gift card's code; the code itself is nowhere
    last_four    text collate "C" not null default '',
    status       text not null check (status in ('inactive', 'active', 'frozen', 'expired')),
    balance      bigint not null default 0,      -- the sum of its entries
    held         bigint not null default 0,      -- the sum of its holds
    entries      int not null default 0,
    expires_at   timestamptz,
    order_id     uuid,                           -- the order that it was sold with
    origin_key   text collate "C",               -- what it was made for: once for each
    created_at   timestamptz not null,
    primary key (tenant_id, id),
    constraint accounts_balance check (held >= 0 and balance - held >= 0),
    constraint accounts_owner check ((kind = 'store_credit') = (customer_id is not null))
) with (fillfactor = 70);
create unique index accounts_code on stored_value.accounts (tenant_id, code_hash)
    where code_hash is not null;
create unique index accounts_customer on stored_value.accounts (tenant_id, customer_id, currency)
    where customer_id is not null;
create unique index accounts_origin on stored_value.accounts (tenant_id, origin_key)
    where origin_key is not null;
create index accounts_lapsing on stored_value.accounts (tenant_id, expires_at)
    where expires_at is not null and (status in ('inactive', 'active') or balance > held);
call platform.guard('stored_value.accounts', 'select, insert, update');

-- Append-only: the program's role may neither change nor delete an entry.
create table stored_value.entries (
    tenant_id   int not null,
    account_id  uuid not null,
    seq         int not null,
    amount      bigint not null check (amount <> 0),
    balance     bigint not null check (balance >= 0),  -- after this entry
    cause       text not null check (cause in (
        'sold', 'granted', 'redeemed', 'returned', 'expired', 'corrected')),
    order_id    uuid,
    subject_id  uuid,                            -- the effect or settlement behind it: once for each
    reason      text not null default '',
    at          timestamptz not null,
    primary key (tenant_id, account_id, seq)
);
create unique index entries_subject on stored_value.entries (tenant_id, subject_id, cause)
    where subject_id is not null;
call platform.guard('stored_value.entries', 'select, insert');

-- What of an account is spoken for, by the payment that it authorised.
create table stored_value.holds (
    tenant_id   int not null,
    account_id  uuid not null,
    holder_id   uuid not null,
    order_id    uuid not null,
    amount      bigint not null check (amount >= 0),
    placed_at   timestamptz not null,
    primary key (tenant_id, account_id, holder_id)
) with (fillfactor = 80);
call platform.guard('stored_value.holds', 'select, insert, update');

-- How often somebody asked for codes that are none, by the hour.
create table stored_value.misses (
    tenant_id  int not null,
    actor      text collate "C" not null,
    since      timestamptz not null,
    misses     int not null,
    primary key (tenant_id, actor)
);
call platform.guard('stored_value.misses', 'select, insert, update, delete');

-- Refunds in several steps and to other places, payments that renew or come later, debts paid.
alter table payments.payments
    add column place int not null default 0,      -- among the order's tenders; 0: its rank
    add column replaces uuid,                     -- the payment whose authorisation it renews
    add column pays_for uuid;                     -- the receivable that it is to pay
create unique index payments_replaces on payments.payments (tenant_id, replaces)
    where replaces is not null;
create index payments_expiring on payments.payments (tenant_id, expires_at)
    where status = 'authorised' and expires_at is not null;

alter table payments.effects
    add column round int not null default 0,      -- of a subject's refunds from one capture
    add column via text collate "C" not null default '',  -- where a refund goes, if not to its tender
    add column reason text not null default '',
    add column action_url text not null default '';  -- where the buyer confirms an authorisation
drop index payments.effects_subject;
create unique index effects_subject on payments.effects (tenant_id, payment_id, kind, subject_id)
    where subject_id is not null and state <> 'declined' and kind <> 'refund';
create unique index effects_refund
    on payments.effects (tenant_id, payment_id, subject_id, provider_ref, round)
    where state <> 'declined' and kind = 'refund';

alter table payments.receivables
    add column paid bigint not null default 0,
    add constraint receivables_paid check (paid between 0 and amount);
