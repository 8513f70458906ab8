-- Exchanges, and looking up scans of returned goods, and labels for a way back that nobody heard of.

create index receipts_scan on returns.receipts (tenant_id, location_id, reference) where reference <> '';
create index return_labels_hanging on returns.labels (tenant_id, requested_at) where state = 'requested';

alter table returns.settlements add column exchanged_minor bigint not null default 0
    constraint settlements_exchanged check (exchanged_minor >= 0 and exchanged_minor <= amount_minor);
