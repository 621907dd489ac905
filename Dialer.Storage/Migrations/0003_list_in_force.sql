-- Which list counts is one number of the campaign, so that a list of any length replaces another in one short step; the
-- rows of the old one are cleared away afterwards, in small steps (docs/decisions/0008-replacing-a-list.md).
-- An edition is the id of the list that began it by replacing another; lists that were added belong to the same one.
alter table campaign add column edition bigint not null default 0;
alter table contact add column edition bigint not null default 0;

-- False from the moment a list is in force until what it replaced is cleared away.
alter table contact_list add column settled boolean not null default true;
create index contact_list_unsettled on contact_list (campaign) where not settled;

-- A person who is in the new list again has a row there; nothing refers to the old one but attempts, which hold what they need.
delete from contact where state = 5;

-- Claims see the list in force and nothing else: neither one that is being read, nor what another has replaced.
drop index contact_due;
create index contact_due on contact (campaign, edition, state, retrying, next_due_at) where state <= 1;

-- For looking at those who failed, or are done, among millions. It costs an import nothing, because a list has none of them.
create index contact_ended on contact (campaign, state, id) where state >= 2;
