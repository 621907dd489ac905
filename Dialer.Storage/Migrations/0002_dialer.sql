-- What grows without bound lives here; what is bounded and reached by key is grain state (docs/architecture.md).
-- Tables are never the place of a decision: grains decide, conditional writes only refuse what came too late.

-- Who may write: every owner (campaign, trunk, node) takes the next epoch when it wakes, and its writes carry it.
create table owner (
    kind text not null,
    key text not null,
    epoch bigint not null,
    silo text not null,
    seen_at timestamptz not null,
    primary key (kind, key)
);

create table tenant (
    id text primary key,
    created_at timestamptz not null default now()
);

-- A short number for the long tables, and the list that wakes running campaigns after a silo was lost.
create table campaign (
    no int generated always as identity primary key,
    tenant text not null,
    id text not null,
    enabled boolean not null default false,
    created_at timestamptz not null default now(),
    unique (tenant, id)
);

create table contact_list (
    id bigint generated always as identity primary key,
    campaign int not null references campaign (no) on delete cascade,
    mode smallint not null,                 -- 0 replace, 1 add
    file_name text,
    state smallint not null default 0,      -- 0 reading, 1 done, 2 failed
    rows bigint not null default 0,
    contacts bigint not null default 0,
    rejected bigint not null default 0,
    duplicates bigint not null default 0,
    warnings bigint not null default 0,
    dialect text,                           -- «windows-1251 · ; · decimal comma», for people
    created_at timestamptz not null default now(),
    finished_at timestamptz
);
create index contact_list_campaign on contact_list (campaign, id desc);

create table contact_list_problem (
    list bigint not null references contact_list (id) on delete cascade,
    ordinal bigint not null,
    line bigint not null,
    column_name text,
    reason text not null,
    found text,
    severity smallint not null,             -- 0 rejected, 1 duplicate, 2 warning
    primary key (list, ordinal)
);

-- A ContactGrain's state is its row here.
-- state: 0 waiting, 1 claimed (and calling while it has an open attempt), 2 done, 3 failed, 4 withdrawn,
--        5 superseded (a newer list has the same person: hidden and not counted).
-- Counters in campaign_count: state 1 with an open attempt counts as calling, without one as waiting.
-- Cached per session: an import takes a million of them at once.
create sequence contact_id_seq cache 1000;
create table contact (
    campaign int not null,
    id bigint not null default nextval('contact_id_seq'),
    list bigint not null,
    person uuid not null,                   -- hash of the name and the set of numbers
    name text not null,
    numbers text[] not null,
    variables text not null,                -- a flat JSON object of strings
    time_zone text,
    state smallint not null default 0,
    generation int not null default 0,      -- raised when a new list replaces a contact that is being called
    retrying boolean not null default false,
    struck int not null default 0,          -- bit n: number n turned out not to exist
    next_number smallint not null default 0,
    retries_used smallint not null default 0,
    setbacks smallint not null default 0,   -- attempts in a row that failed by our or the carrier's fault
    attempts int not null default 0,
    next_due_at timestamptz,
    last_verdict smallint,
    claim_epoch bigint,
    primary key (campaign, id)
) with (fillfactor = 85);
-- There is no index on person: it is compared only where a list meets an earlier one, which reads both as a whole, and
-- its random order cost more than everything else in an import (2.5 of 7.5 µs a row).
-- What is due, and (state 1) what a lost owner had claimed; neither walks over those who are done. Without the id, rows
-- of one list have one and the same key, which the index keeps in a few bytes each, in the order of the list.
create index contact_due on contact (campaign, state, retrying, next_due_at) where state <= 1;

create table attempt (
    campaign int not null,
    id uuid not null,                       -- version 7, so ordered by time; also the ARI channel id
    contact bigint not null,
    generation int not null,
    name text not null,
    number text not null,
    number_index smallint not null,
    trunk text not null,                    -- tenant/trunk
    node text not null,
    started_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz,
    step text,                              -- the extension that the call was at
    verdict smallint,
    cause smallint,
    tech_cause text,
    keys text,
    operator text,                          -- who talked, if anybody did
    operator_requested boolean not null default false,
    primary key (campaign, id)
) with (fillfactor = 80);
-- Nobody is called twice at once; also the way to everything that is in flight.
create unique index attempt_open on attempt (campaign, contact) where ended_at is null;

-- An operator's mobile uses a line of a trunk like any other call.
create table operator_leg (
    id text primary key,                    -- ARI channel id
    call text not null,
    trunk text not null,
    node text not null,
    started_at timestamptz not null,
    ended_at timestamptz
);
create index operator_leg_open on operator_leg (trunk) where ended_at is null;

-- Counters move in the statement that moves the rows, so they are right after any crash.
-- One row per writing process (shard) keeps silos from waiting for each other; readers add them up.
create table campaign_count (
    campaign int not null,
    shard int not null,
    waiting bigint not null default 0,
    calling bigint not null default 0,
    done bigint not null default 0,
    failed bigint not null default 0,
    withdrawn bigint not null default 0,
    attempts bigint not null default 0,     -- ended ones
    answered bigint not null default 0,
    talk_ms bigint not null default 0,
    operator_requested bigint not null default 0,
    operator_connected bigint not null default 0,
    v0 bigint not null default 0,           -- by verdict, in the order of the Verdict enumeration
    v1 bigint not null default 0,
    v2 bigint not null default 0,
    v3 bigint not null default 0,
    v4 bigint not null default 0,
    v5 bigint not null default 0,
    v6 bigint not null default 0,
    v7 bigint not null default 0,
    v8 bigint not null default 0,
    v9 bigint not null default 0,
    v10 bigint not null default 0,
    primary key (campaign, shard)
) with (fillfactor = 50);

-- Audio, rendered or uploaded, by the hash of what it is made from; nodes and silos keep copies of it.
create table media (
    id text primary key,
    wav bytea not null,
    duration_ms int not null,
    created_at timestamptz not null default now()
);

-- SIP user names are one name space per node, whatever the tenant: the first has the plain id, later ones id.tenant.
create table sip_user (
    name text primary key,
    tenant text not null,
    operator text not null,
    unique (tenant, operator)
);
