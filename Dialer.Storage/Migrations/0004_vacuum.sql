-- Every call leaves four dead rows here. By default vacuum comes when a fifth of a table is dead: with a million people 200,000 rows of
-- room that is not used again until then, and as many entries that each claim walks over.
alter table contact set (autovacuum_vacuum_scale_factor = 0.05);
alter table attempt set (autovacuum_vacuum_scale_factor = 0.05);
