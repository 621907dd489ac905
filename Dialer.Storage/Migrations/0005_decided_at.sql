-- Of two silos that both took a call for theirs, the one that decided last is right, whichever of them writes last.
alter table attempt add column decided_at timestamptz;   -- when step, keys and operator were as they are written
