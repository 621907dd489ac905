-- What Orleans' ADO.NET providers (clustering, persistence, reminders) keep, and the statements they look up by key.
-- The providers fix the name OrleansQuery, its two columns, the parameter names and the names of returned columns;
-- every other name is ours. Each statement stands alone: no functions, so a statement changes in one place, here.

CREATE TABLE OrleansQuery
(
    QueryKey  text PRIMARY KEY,
    QueryText text NOT NULL
);

-- Clustering ---------------------------------------------------------------------------------------------------------

CREATE TABLE orleans_membership_version
(
    deployment_id text PRIMARY KEY,
    version       integer     NOT NULL DEFAULT 0,
    changed_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE orleans_membership
(
    deployment_id    text        NOT NULL REFERENCES orleans_membership_version ON DELETE CASCADE,
    address          text        NOT NULL,
    port             integer     NOT NULL,
    generation       integer     NOT NULL,
    silo_name        text        NOT NULL,
    host_name        text        NOT NULL,
    status           integer     NOT NULL,
    proxy_port       integer     NOT NULL,
    suspect_times    text,
    start_time       timestamptz NOT NULL,
    i_am_alive_time  timestamptz NOT NULL,
    PRIMARY KEY (deployment_id, address, port, generation)
) WITH (fillfactor = 50);

-- Every change of membership goes through the version row: its UPDATE takes the row lock, a second writer that expected
-- the same version waits, looks again after the first has committed, and no longer matches. The member row changes in
-- the same statement, so neither is ever seen without the other.

INSERT INTO OrleansQuery VALUES ('InsertMembershipVersionKey', $query$
WITH added AS (
    INSERT INTO orleans_membership_version (deployment_id) VALUES (@DeploymentId)
    ON CONFLICT DO NOTHING
    RETURNING deployment_id)
SELECT EXISTS (SELECT 1 FROM added) AS added
$query$);

INSERT INTO OrleansQuery VALUES ('InsertMembershipKey', $query$
WITH raised AS (
    UPDATE orleans_membership_version v
    SET version = v.version + 1, changed_at = now()
    WHERE v.deployment_id = @DeploymentId
      AND v.version = @Version
      AND NOT EXISTS (
          SELECT 1 FROM orleans_membership m
          WHERE m.deployment_id = @DeploymentId AND m.address = @Address
            AND m.port = @Port AND m.generation = @Generation)
    RETURNING v.deployment_id),
added AS (
    INSERT INTO orleans_membership
        (deployment_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, i_am_alive_time)
    SELECT raised.deployment_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort,
           @StartTime, @IAmAliveTime
    FROM raised
    RETURNING deployment_id)
SELECT EXISTS (SELECT 1 FROM added) AS added
$query$);

-- «raised» is joined, not asked for with EXISTS: a heartbeat may hold the member row, and when PostgreSQL looks again
-- after waiting for it, it keeps joined rows but refuses to run a subquery that itself writes.
INSERT INTO OrleansQuery VALUES ('UpdateMembershipKey', $query$
WITH raised AS (
    UPDATE orleans_membership_version v
    SET version = v.version + 1, changed_at = now()
    WHERE v.deployment_id = @DeploymentId
      AND v.version = @Version
      AND EXISTS (
          SELECT 1 FROM orleans_membership m
          WHERE m.deployment_id = @DeploymentId AND m.address = @Address
            AND m.port = @Port AND m.generation = @Generation)
    RETURNING v.deployment_id),
changed AS (
    UPDATE orleans_membership m
    SET status = @Status,
        suspect_times = @SuspectTimes,
        i_am_alive_time = GREATEST(m.i_am_alive_time, @IAmAliveTime)
    FROM raised
    WHERE m.deployment_id = raised.deployment_id AND m.address = @Address
      AND m.port = @Port AND m.generation = @Generation
    RETURNING m.deployment_id)
SELECT EXISTS (SELECT 1 FROM changed) AS changed
$query$);

INSERT INTO OrleansQuery VALUES ('UpdateIAmAlivetimeKey', $query$
UPDATE orleans_membership
SET i_am_alive_time = @IAmAliveTime
WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$);

INSERT INTO OrleansQuery VALUES ('MembershipReadRowKey', $query$
SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName,
       m.host_name AS HostName, m.status AS Status, m.proxy_port AS ProxyPort, m.suspect_times AS SuspectTimes,
       m.start_time AS StartTime, m.i_am_alive_time AS IAmAliveTime, v.version AS Version
FROM orleans_membership_version v
LEFT JOIN orleans_membership m
    ON m.deployment_id = v.deployment_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
WHERE v.deployment_id = @DeploymentId
$query$);

INSERT INTO OrleansQuery VALUES ('MembershipReadAllKey', $query$
SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName,
       m.host_name AS HostName, m.status AS Status, m.proxy_port AS ProxyPort, m.suspect_times AS SuspectTimes,
       m.start_time AS StartTime, m.i_am_alive_time AS IAmAliveTime, v.version AS Version
FROM orleans_membership_version v
LEFT JOIN orleans_membership m ON m.deployment_id = v.deployment_id
WHERE v.deployment_id = @DeploymentId
$query$);

INSERT INTO OrleansQuery VALUES ('GatewaysQueryKey', $query$
SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
FROM orleans_membership
WHERE deployment_id = @DeploymentId AND status = @Status AND proxy_port > 0
$query$);

-- Members go with their version row (ON DELETE CASCADE).
INSERT INTO OrleansQuery VALUES ('DeleteMembershipTableEntriesKey', $query$
DELETE FROM orleans_membership_version WHERE deployment_id = @DeploymentId
$query$);

-- 3 is Active, 6 is Dead (Orleans' SiloStatus).
INSERT INTO OrleansQuery VALUES ('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM orleans_membership
WHERE deployment_id = @DeploymentId AND i_am_alive_time < @IAmAliveTime AND status <> 3
$query$);

-- Orleans 10.4.2 prefers this one where it is there: one dead silo, exactly as it was read before.
INSERT INTO OrleansQuery VALUES ('CleanupDefunctSiloEntryKey', $query$
DELETE FROM orleans_membership
WHERE deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
  AND status = 6
  AND start_time = @StartTime AND i_am_alive_time = @IAmAliveTime
  AND COALESCE(suspect_times, '') = COALESCE(@SuspectTimes, '')
$query$);

-- Reminders ----------------------------------------------------------------------------------------------------------

CREATE TABLE orleans_reminder
(
    service_id    text        NOT NULL,
    grain_id      text        NOT NULL,
    reminder_name text        NOT NULL,
    grain_hash    integer     NOT NULL,
    start_time    timestamptz NOT NULL,
    period_ms     bigint      NOT NULL,
    version       integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (service_id, grain_id, reminder_name)
) WITH (fillfactor = 80);

CREATE INDEX orleans_reminder_by_hash ON orleans_reminder (service_id, grain_hash);

INSERT INTO OrleansQuery VALUES ('UpsertReminderRowKey', $query$
INSERT INTO orleans_reminder AS r (service_id, grain_id, reminder_name, grain_hash, start_time, period_ms)
VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
ON CONFLICT (service_id, grain_id, reminder_name) DO UPDATE
SET grain_hash = excluded.grain_hash, start_time = excluded.start_time, period_ms = excluded.period_ms,
    version = r.version + 1
RETURNING r.version AS Version
$query$);

INSERT INTO OrleansQuery VALUES ('ReadReminderRowsKey', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period,
       version AS Version
FROM orleans_reminder
WHERE service_id = @ServiceId AND grain_id = @GrainId
$query$);

INSERT INTO OrleansQuery VALUES ('ReadReminderRowKey', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period,
       version AS Version
FROM orleans_reminder
WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName
$query$);

-- Hashes are unsigned in Orleans and stored as the signed integer of the same bits. A range is a piece of a ring, and
-- the provider picks between these two by signed order, so both mean the same ring.
INSERT INTO OrleansQuery VALUES ('ReadRangeRows1Key', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period,
       version AS Version
FROM orleans_reminder
WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$query$);

INSERT INTO OrleansQuery VALUES ('ReadRangeRows2Key', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period,
       version AS Version
FROM orleans_reminder
WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteReminderRowKey', $query$
WITH gone AS (
    DELETE FROM orleans_reminder
    WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName AND version = @Version
    RETURNING version)
SELECT EXISTS (SELECT 1 FROM gone) AS gone
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteReminderRowsKey', $query$
DELETE FROM orleans_reminder WHERE service_id = @ServiceId
$query$);

-- Persistence --------------------------------------------------------------------------------------------------------

-- A grain without a key extension has '' here, not null, so that one plain primary key makes the first write of a grain
-- unique. Updated at every write of a bounded grain: free space in each page keeps those updates off the index.
CREATE TABLE orleans_storage
(
    grain_id_hash      integer     NOT NULL,
    grain_type_hash    integer     NOT NULL,
    grain_id_n0        bigint      NOT NULL,
    grain_id_n1        bigint      NOT NULL,
    grain_type         text        NOT NULL,
    grain_id_extension text        NOT NULL,
    service_id         text        NOT NULL,
    payload            bytea,
    version            integer     NOT NULL,
    written_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_type, grain_id_extension, service_id)
) WITH (fillfactor = 70);

INSERT INTO OrleansQuery VALUES ('ReadFromStorageKey', $query$
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_storage
WHERE grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash
  AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1
  AND grain_type = @GrainTypeString AND grain_id_extension = COALESCE(@GrainIdExtensionString, '')
  AND service_id = @ServiceId
$query$);

-- A writer that lost gets back the version it came with (null for a first write), which the provider takes for a
-- conflict. No version: only a first write may pass, and the key lets one of several through. A version: the row lock
-- makes writers queue, and each looks at the version again when its turn comes.
INSERT INTO OrleansQuery VALUES ('WriteToStorageKey', $query$
WITH added AS (
    INSERT INTO orleans_storage
        (grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_type, grain_id_extension, service_id,
         payload, version)
    SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString,
           COALESCE(@GrainIdExtensionString, ''), @ServiceId, @PayloadBinary, 1
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version),
changed AS (
    UPDATE orleans_storage
    SET payload = @PayloadBinary, version = version + 1, written_at = now()
    WHERE grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash
      AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1
      AND grain_type = @GrainTypeString AND grain_id_extension = COALESCE(@GrainIdExtensionString, '')
      AND service_id = @ServiceId
      AND version = @GrainStateVersion
    RETURNING version)
SELECT COALESCE((SELECT version FROM added), (SELECT version FROM changed), @GrainStateVersion) AS NewGrainStateVersion
$query$);

-- The row stays, with its version: a grain that cleared its state and writes again goes on counting from there.
INSERT INTO OrleansQuery VALUES ('ClearStorageKey', $query$
WITH changed AS (
    UPDATE orleans_storage
    SET payload = NULL, version = version + 1, written_at = now()
    WHERE grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash
      AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1
      AND grain_type = @GrainTypeString AND grain_id_extension = COALESCE(@GrainIdExtensionString, '')
      AND service_id = @ServiceId
      AND version = @GrainStateVersion
    RETURNING version)
SELECT COALESCE((SELECT version FROM changed), @GrainStateVersion) AS NewGrainStateVersion
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteStorageKey', $query$
WITH gone AS (
    DELETE FROM orleans_storage
    WHERE grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash
      AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1
      AND grain_type = @GrainTypeString AND grain_id_extension = COALESCE(@GrainIdExtensionString, '')
      AND service_id = @ServiceId
      AND version = @GrainStateVersion
    RETURNING version + 1 AS version)
SELECT COALESCE((SELECT version FROM gone), @GrainStateVersion) AS NewGrainStateVersion
$query$);
