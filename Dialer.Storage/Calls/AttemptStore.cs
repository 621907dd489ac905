using System.Diagnostics;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Database;
using Npgsql;
using NpgsqlTypes;

namespace Dialer.Storage.Calls;

/// <summary>
/// The life of attempts in the database: start, progress, end. Writes of many calls at the same moment go in one statement, and
/// none is acknowledged before it is stored. Every write is idempotent: the same start or end twice changes nothing the second time.
/// </summary>
public sealed class AttemptStore : IAsyncDisposable
{
    // «ended_at is null», said so that the index of open attempts does not offer itself: PostgreSQL takes it for tiny, and would read all
    // of it for each statement, with every call since it was last cleaned (24 to 39 pages a row, measured).
    private const string IsOpen = "coalesce(a.ended_at, 'infinity') = 'infinity'";

    private const string IsLater = "coalesce(a.decided_at, '-infinity') <= i.decided_at";

    // A campaign that nothing can be written for tries again long before.
    private static readonly TimeSpan RefusalIsOld = TimeSpan.FromSeconds(30);

    // One each: the statement is prepared there once, instead of on every connection of the pool by turns.
    private readonly StandingConnection _startConnection;
    private readonly StandingConnection _progressConnection;
    private readonly StandingConnection _endConnection;
    private readonly GroupCommit<AttemptStart, StartOutcome> _starts;
    private readonly GroupCommit<AttemptProgress, bool> _progress;
    private readonly GroupCommit<AttemptEnd, bool> _ends;
    // Two, or starts and ends would wait for each other's commit at one row of counters. Of so many that silos seldom share one, and that a
    // campaign which outlives thousands of silos does not keep a row of each.
    private readonly int _startShard = 2 * Random.Shared.Next(1, 1 << 8);
    private readonly int _endShard;

    public AttemptStore(NpgsqlDataSource database)
    {
        _endShard = _startShard + 1;
        (_startConnection, _progressConnection, _endConnection) = (new(database), new(database), new(database));
        _starts = new(WriteStartsAsync, new GroupCommitOptions { Name = "start" });
        // The call goes on, and its line is free, before these are stored.
        var unhurried = new GroupCommitOptions { Gathering = TimeSpan.FromMilliseconds(10) };
        _progress = new(WriteProgressAsync, unhurried with { Name = "progress" });
        _ends = new(WriteEndsAsync, unhurried with { Name = "end" });
    }

    /// <summary>Writes an attempt before its call is placed.</summary>
    public Task<StartOutcome> StartAsync(AttemptStart start) => _starts.EnqueueAsync(start);

    /// <summary>Writes an answer, a step, keys or the operator; completes when stored.</summary>
    public Task ProgressAsync(AttemptProgress progress) => _progress.EnqueueAsync(progress);

    /// <summary>Writes the end of an attempt and its contact's next state. False where it had ended already.</summary>
    public Task<bool> EndAsync(AttemptEnd end) => _ends.EnqueueAsync(end);

    /// <summary>Why PostgreSQL has just refused what was to be written; null where it took the last of it, or nothing was written for a while.</summary>
    public string? Refused => new[] { _starts.LastOutcome, _progress.LastOutcome, _ends.LastOutcome }.MaxBy(o => o.At) is { Refused: { } why } last
        && Stopwatch.GetElapsedTime(last.At) < RefusalIsOld ? why : null;

    public async ValueTask DisposeAsync()
    {
        // Together: where the database is away, each waits until it gives up.
        await Task.WhenAll(_starts.DisposeAsync().AsTask(), _progress.DisposeAsync().AsTask(), _ends.DisposeAsync().AsTask());
        await _startConnection.DisposeAsync();
        await _progressConnection.DisposeAsync();
        await _endConnection.DisposeAsync();
    }

    private async Task<IReadOnlyList<StartOutcome>> WriteStartsAsync(IReadOnlyList<AttemptStart> batch, CancellationToken cancellationToken)
    {
        // Owner and contact rows stay locked to the end of the statement: a new owner that takes its epoch meanwhile
        // waits, and then counts what was written here.
        await using var command = await _startConnection.CommandAsync("""
            with input as materialized (
                select * from unnest($1::int[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::smallint[],
                                     $8::text[], $9::bigint[], $10::text[], $11::timestamptz[], $12::int[], $13::int[])
                    as i(campaign, id, contact, claim_epoch, name, number, number_index, trunk, trunk_epoch, node, started_at, generation, before)),
            fence as materialized (
                select o.key, o.epoch from (select distinct trunk from input) i join owner o on o.kind = 'trunk' and o.key = i.trunk
                order by o.key for share of o),
            granted as materialized (
                select i.* from input i join fence f on f.key = i.trunk and f.epoch = i.trunk_epoch),
            claimed as materialized (
                select g.* from granted g join contact c on c.campaign = g.campaign and c.id = g.contact
                -- Claims of one owner are told apart by the attempts that had ended before: what it does not know of may have gone on with
                -- one, so that the contact was called and claimed again while a row from before still waits for its line.
                where c.state = 1 and c.claim_epoch = g.claim_epoch and c.generation = g.generation and c.attempts = g.before
                order by c.campaign, c.id for update of c),
            started as (
                insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at)
                select campaign, id, contact, generation, name, number, number_index, trunk, node, started_at from claimed
                on conflict do nothing
                returning campaign, id, contact),
            counted as (
                insert into campaign_count as t (campaign, shard, waiting, calling)
                select campaign, $14, -count(*), count(*) from started group by campaign order by campaign
                on conflict (campaign, shard) do update
                    set waiting = t.waiting + excluded.waiting, calling = t.calling + excluded.calling)
            -- Nothing here is joined with what came of a step before, but its rows are taken along: PostgreSQL takes those for one, and compares
            -- each with each (measured: 75 ms for 165 ends, and the more that waited meanwhile, the longer the next).
            select id, contact, false from granted union all select id, contact, true from started
            """, cancellationToken);
        Add(command, batch, s => s.Campaign);
        Add(command, batch, s => s.Id);
        Add(command, batch, s => s.Contact);
        Add(command, batch, s => s.ClaimEpoch);
        Add(command, batch, s => s.Name);
        Add(command, batch, s => s.Number);
        Add(command, batch, s => (short)s.NumberIndex);
        Add(command, batch, s => s.TrunkKey);
        Add(command, batch, s => s.TrunkEpoch);
        Add(command, batch, s => s.Node);
        Add(command, batch, s => s.StartedAt.UtcDateTime);
        Add(command, batch, s => s.Generation);
        Add(command, batch, s => s.AttemptsBefore);
        command.Parameters.Add(new() { Value = _startShard });
        var (granted, started) = (new HashSet<(Guid, long)>(batch.Count), new HashSet<(Guid, long)>(batch.Count));
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
            {
                var key = (reader.GetGuid(0), reader.GetInt64(1));
                granted.Add(key);
                if (reader.GetBoolean(2))
                    started.Add(key);
            }

        // What is in one statement twice is told so once, as if the second had come later.
        return
        [
            .. batch.Select(s => started.Remove((s.Id, s.Contact)) ? StartOutcome.Started
                : granted.Contains((s.Id, s.Contact)) ? StartOutcome.ContactFenced
                : StartOutcome.TrunkFenced),
        ];
    }

    private async Task<IReadOnlyList<bool>> WriteProgressAsync(IReadOnlyList<AttemptProgress> batch, CancellationToken cancellationToken)
    {
        // One row per attempt, or an update from a join would take any one of them. In the order of ends: looked up by their keys, rows are locked as
        // they are given, and the same attempts are often in both.
        var merged = batch.GroupBy(p => p.Id).Select(g => g.OrderBy(p => p.DecidedAt).Aggregate(Merge)).OrderBy(p => p.Id).ToList();
        await using var command = await _progressConnection.CommandAsync($"""
            update attempt a set
                answered_at = coalesce(a.answered_at, i.answered_at), operator_requested = a.operator_requested or i.operator_requested,
                step = coalesce(case when {IsLater} then i.step end, a.step), keys = coalesce(case when {IsLater} then i.keys end, a.keys),
                operator = coalesce(case when {IsLater} then i.operator end, a.operator), decided_at = greatest(a.decided_at, i.decided_at)
            from unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::boolean[])
                as i(campaign, id, decided_at, answered_at, step, keys, operator, operator_requested)
            where a.campaign = i.campaign and a.id = i.id and {IsOpen}
            """, cancellationToken);
        Add(command, merged, p => p.Campaign);
        Add(command, merged, p => p.Id);
        Add(command, merged, p => p.DecidedAt.UtcDateTime);
        Add(command, merged, p => p.AnsweredAt?.UtcDateTime);
        Add(command, merged, p => p.Step);
        Add(command, merged, p => p.Keys);
        Add(command, merged, p => p.Operator);
        Add(command, merged, p => p.OperatorRequested);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new bool[batch.Count];

        static AttemptProgress Merge(AttemptProgress earlier, AttemptProgress later) => later with
        {
            AnsweredAt = earlier.AnsweredAt ?? later.AnsweredAt,
            Step = later.Step ?? earlier.Step,
            Keys = later.Keys ?? earlier.Keys,
            Operator = later.Operator ?? earlier.Operator,
            OperatorRequested = earlier.OperatorRequested || later.OperatorRequested,
        };
    }

    private async Task<IReadOnlyList<bool>> WriteEndsAsync(IReadOnlyList<AttemptEnd> batch, CancellationToken cancellationToken)
    {
        // A contact of another generation was replaced by a newer list while it was called: it is called anew. One that was
        // withdrawn meanwhile stays so, and the import has counted it already.
        var unique = batch.DistinctBy(e => e.Id).OrderBy(e => e.Id).ToList();
        await using var command = await _endConnection.CommandAsync($"""
            with input as materialized (
                select * from unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::smallint[], $6::smallint[], $7::text[],
                                     $8::text[], $9::text[], $10::boolean[], $11::smallint[], $12::timestamptz[], $13::int[], $14::smallint[],
                                     $15::smallint[], $16::smallint[])
                    as i(campaign, id, answered_at, ended_at, verdict, cause, tech_cause, keys, operator, operator_requested,
                         state, due, struck, next_number, retries_used, setbacks)),
            closed as (
                update attempt a set
                    answered_at = coalesce(a.answered_at, i.answered_at), ended_at = i.ended_at, verdict = i.verdict, cause = i.cause,
                    tech_cause = i.tech_cause, keys = coalesce(i.keys, a.keys), operator = coalesce(i.operator, a.operator),
                    operator_requested = a.operator_requested or i.operator_requested
                from input i where a.campaign = i.campaign and a.id = i.id and {IsOpen}
                returning a.campaign, a.id, a.contact, a.generation, a.verdict, a.operator, a.operator_requested,
                    case when a.answered_at is null then null
                         else greatest(0, extract(epoch from a.ended_at - a.answered_at) * 1000)::bigint end as talk_ms,
                    a.ended_at, i.state, i.due, i.struck, i.next_number, i.retries_used, i.setbacks),
            prior as materialized (
                select c.campaign, c.id, c.state as before, c.generation = e.generation as same,
                    e.verdict, e.ended_at, e.state, e.due, e.struck, e.next_number, e.retries_used, e.setbacks
                from contact c join closed e on c.campaign = e.campaign and c.id = e.contact
                order by c.campaign, c.id for update of c),
            moved as (
                update contact c set
                    state = case when p.before > 1 then p.before when p.same then p.state else 0 end,
                    next_due_at = case when p.before > 1 then null when p.same then p.due else p.ended_at end,
                    retrying = p.same and p.state = 0,
                    struck = case when p.same then p.struck else 0 end,
                    next_number = case when p.same then p.next_number else 0 end,
                    retries_used = case when p.same then p.retries_used else 0 end,
                    setbacks = case when p.same then p.setbacks else 0 end,
                    attempts = case when p.same then c.attempts + 1 else 0 end,
                    last_verdict = case when p.same then p.verdict end,
                    claim_epoch = null
                from prior p where c.campaign = p.campaign and c.id = p.id
                returning c.campaign, c.state, p.before),
            counted as (
                insert into campaign_count as t (campaign, shard, waiting, calling, done, failed, withdrawn, attempts, answered, talk_ms,
                    operator_requested, operator_connected, v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10)
                select o.campaign, $17,
                    count(*) filter (where o.before <= 1 and o.state = 0), -count(*) filter (where o.before <= 1),
                    count(*) filter (where o.before <= 1 and o.state = 2), count(*) filter (where o.before <= 1 and o.state = 3),
                    count(*) filter (where o.before <= 1 and o.state = 4),
                    count(o.verdict), count(o.talk_ms), coalesce(sum(o.talk_ms), 0),
                    count(*) filter (where o.operator_requested), count(o.operator),
                    count(*) filter (where o.verdict = 0), count(*) filter (where o.verdict = 1), count(*) filter (where o.verdict = 2),
                    count(*) filter (where o.verdict = 3), count(*) filter (where o.verdict = 4), count(*) filter (where o.verdict = 5),
                    count(*) filter (where o.verdict = 6), count(*) filter (where o.verdict = 7), count(*) filter (where o.verdict = 8),
                    count(*) filter (where o.verdict = 9), count(*) filter (where o.verdict = 10)
                from (
                    select campaign, verdict, talk_ms, operator_requested, operator, null::smallint as before, null::smallint as state from closed
                    union all select campaign, null, null, null, null, before, state from moved) o
                group by o.campaign order by o.campaign
                on conflict (campaign, shard) do update set
                    waiting = t.waiting + excluded.waiting, calling = t.calling + excluded.calling, done = t.done + excluded.done,
                    failed = t.failed + excluded.failed, withdrawn = t.withdrawn + excluded.withdrawn,
                    attempts = t.attempts + excluded.attempts, answered = t.answered + excluded.answered,
                    talk_ms = t.talk_ms + excluded.talk_ms, operator_requested = t.operator_requested + excluded.operator_requested,
                    operator_connected = t.operator_connected + excluded.operator_connected,
                    v0 = t.v0 + excluded.v0, v1 = t.v1 + excluded.v1, v2 = t.v2 + excluded.v2, v3 = t.v3 + excluded.v3,
                    v4 = t.v4 + excluded.v4, v5 = t.v5 + excluded.v5, v6 = t.v6 + excluded.v6, v7 = t.v7 + excluded.v7,
                    v8 = t.v8 + excluded.v8, v9 = t.v9 + excluded.v9, v10 = t.v10 + excluded.v10)
            select id from closed
            """, cancellationToken);
        Add(command, unique, e => e.Campaign);
        Add(command, unique, e => e.Id);
        Add(command, unique, e => e.AnsweredAt?.UtcDateTime);
        Add(command, unique, e => e.EndedAt.UtcDateTime);
        Add(command, unique, e => (short)e.Verdict);
        Add(command, unique, e => (short?)e.Cause);
        Add(command, unique, e => e.TechCause);
        Add(command, unique, e => e.Keys);
        Add(command, unique, e => e.Operator);
        Add(command, unique, e => e.OperatorRequested);
        Add(command, unique, e => (short)e.ContactState);
        Add(command, unique, e => e.NextDueAt?.UtcDateTime);
        Add(command, unique, e => e.Struck);
        Add(command, unique, e => (short)e.NextNumber);
        Add(command, unique, e => (short)e.RetriesUsed);
        Add(command, unique, e => (short)e.Setbacks);
        command.Parameters.Add(new() { Value = _endShard });
        var closed = new HashSet<Guid>(batch.Count);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                closed.Add(reader.GetGuid(0));
        // The same end twice in one statement is the first one once.
        return [.. batch.Select(e => closed.Remove(e.Id))];
    }

    private static void Add<T, TValue>(NpgsqlCommand command, IReadOnlyList<T> rows, Func<T, TValue> column)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = column(rows[i]);
        command.Parameters.Add(new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = ArrayOf<TValue>() });
    }

    private static NpgsqlDbType ArrayOf<T>() => NpgsqlDbType.Array | (Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) switch
    {
        var t when t == typeof(int) => NpgsqlDbType.Integer,
        var t when t == typeof(long) => NpgsqlDbType.Bigint,
        var t when t == typeof(short) => NpgsqlDbType.Smallint,
        var t when t == typeof(bool) => NpgsqlDbType.Boolean,
        var t when t == typeof(Guid) => NpgsqlDbType.Uuid,
        var t when t == typeof(DateTime) => NpgsqlDbType.TimestampTz,
        var t when t == typeof(string) => NpgsqlDbType.Text,
        var t => throw new NotSupportedException(t.Name),
    };
}
