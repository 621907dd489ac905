using Dialer.Storage.Database;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

public sealed class GroupCommitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private readonly ScriptedCommit _database = new();

    [Fact]
    public async Task A_request_is_answered_only_after_its_statement_has_returned()
    {
        await using var commits = Create();
        var request = commits.EnqueueAsync(7, Ct);
        var batch = await _database.NextAsync();

        Assert.False(request.IsCompleted);
        batch.Store();
        Assert.Equal("stored 7", await request);
    }

    [Fact]
    public async Task Everything_that_waits_while_a_statement_is_under_way_goes_with_the_next_in_order()
    {
        await using var commits = Create();
        var first = commits.EnqueueAsync(0, Ct);
        var batch = await _database.NextAsync();
        var waiting = Enumerable.Range(1, 20).Select(i => commits.EnqueueAsync(i, Ct)).ToArray();
        batch.Store();

        var next = await _database.NextAsync();
        Assert.Equal(Enumerable.Range(1, 20), next.Requests);
        next.Store();
        Assert.Equal("stored 0", await first);
        Assert.Equal(next.Requests.Select(i => $"stored {i}"), await Task.WhenAll(waiting));
        Assert.Equal(20, commits.Counts.LastBatchSize);
        Assert.Equal(21, commits.Counts.Stored);
        Assert.Equal(2, commits.Counts.Batches);
    }

    [Fact]
    public async Task No_statement_carries_more_than_the_largest_batch()
    {
        await using var commits = Create(new() { MaxBatch = 3 });
        var requests = new List<Task<string>> { commits.EnqueueAsync(0, Ct) };
        var batch = await _database.NextAsync();
        requests.AddRange(Enumerable.Range(1, 4).Select(i => commits.EnqueueAsync(i, Ct)));
        batch.Store();

        var second = await _database.NextAsync();
        Assert.Equal([1, 2, 3], second.Requests);
        second.Store();
        var third = await _database.NextAsync();
        Assert.Equal([4], third.Requests);
        third.Store();
        await Task.WhenAll(requests);
    }

    [Fact]
    public async Task A_batch_that_nobody_waits_for_gathers_what_comes_in_the_meantime()
    {
        var clock = new TellingClock();
        await using var commits = Create(new() { Gathering = TimeSpan.FromMilliseconds(10), MaxBatch = 4, Clock = clock });
        var requests = new List<Task<string>> { commits.EnqueueAsync(0, Ct) };
        await clock.IsAsked.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        requests.AddRange(Enumerable.Range(1, 2).Select(i => commits.EnqueueAsync(i, Ct)));
        Assert.True(_database.IsIdle);
        clock.Advance(TimeSpan.FromMilliseconds(10));

        var batch = await _database.NextAsync();
        Assert.Equal([0, 1, 2], batch.Requests);
        requests.AddRange(Enumerable.Range(3, 4).Select(i => commits.EnqueueAsync(i, Ct)));
        batch.Store();
        // A full batch has nothing to wait for.
        var full = await _database.NextAsync();
        Assert.Equal([3, 4, 5, 6], full.Requests);
        full.Store();
        await Task.WhenAll(requests);
    }

    [Theory]
    [InlineData(PostgresErrorCodes.UniqueViolation)]
    [InlineData(PostgresErrorCodes.NumericValueOutOfRange)]
    public async Task One_bad_request_does_not_fail_those_that_shared_its_statement(string sqlState)
    {
        await using var commits = Create();
        var (batch, requests) = await OneBatchOfAsync(commits, 1, 2, 3);
        batch.Fail(Postgres(sqlState));

        foreach (var expected in new[] { 1, 2, 3 })
        {
            var single = await _database.NextAsync();
            Assert.Equal([expected], single.Requests);
            if (expected == 2)
            {
                single.Fail(Postgres(sqlState));
            }
            else
            {
                single.Store();
            }
        }

        Assert.Equal("stored 1", await requests[0]);
        Assert.Equal(sqlState, (await Assert.ThrowsAsync<PostgresException>(() => requests[1])).SqlState);
        Assert.Equal("stored 3", await requests[2]);
        Assert.Equal(1, commits.Counts.Failed);
    }

    [Fact]
    public async Task An_error_that_is_not_of_the_data_goes_to_every_caller_and_the_next_batch_goes_on()
    {
        await using var commits = Create();
        var (batch, requests) = await OneBatchOfAsync(commits, 1, 2);
        batch.Fail(Postgres(PostgresErrorCodes.UndefinedTable));
        foreach (var request in requests)
        {
            await Assert.ThrowsAsync<PostgresException>(() => request);
        }

        var after = commits.EnqueueAsync(3, Ct);
        (await _database.NextAsync()).Store();
        Assert.Equal("stored 3", await after);
    }

    [Fact]
    public async Task A_broken_connection_is_not_tried_again_unless_the_statement_may_run_twice()
    {
        await using var commits = Create();
        var request = commits.EnqueueAsync(1, Ct);
        (await _database.NextAsync()).Fail(Broken());
        await Assert.ThrowsAsync<NpgsqlException>(() => request);
        Assert.Equal(1, commits.Counts.Batches);
    }

    [Fact]
    public async Task A_statement_that_may_run_twice_is_sent_once_more_when_the_connection_broke()
    {
        await using var commits = Create(new() { RetryTransient = true, RetryPause = TimeSpan.Zero });
        var request = commits.EnqueueAsync(1, Ct);
        (await _database.NextAsync()).Fail(Broken());
        (await _database.NextAsync()).Store();
        Assert.Equal("stored 1", await request);

        var lost = commits.EnqueueAsync(2, Ct);
        (await _database.NextAsync()).Fail(Broken());
        (await _database.NextAsync()).Fail(Broken());
        await Assert.ThrowsAsync<NpgsqlException>(() => lost);
        Assert.True(_database.IsIdle);
    }

    [Fact]
    public async Task A_deadlock_is_tried_again_in_any_case_because_it_was_rolled_back()
    {
        await using var commits = Create(new() { RetryPause = TimeSpan.Zero });
        var request = commits.EnqueueAsync(1, Ct);
        (await _database.NextAsync()).Fail(Postgres(PostgresErrorCodes.DeadlockDetected));
        (await _database.NextAsync()).Store();
        Assert.Equal("stored 1", await request);
    }

    [Fact]
    public async Task A_request_taken_back_while_it_waits_is_never_sent()
    {
        await using var commits = Create();
        using var cancelled = new CancellationTokenSource();
        var first = commits.EnqueueAsync(1, Ct);
        var batch = await _database.NextAsync();
        var takenBack = commits.EnqueueAsync(2, cancelled.Token);
        var third = commits.EnqueueAsync(3, Ct);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => takenBack);
        batch.Store();
        var next = await _database.NextAsync();
        Assert.Equal([3], next.Requests);
        next.Store();
        await Task.WhenAll(first, third);
    }

    [Fact]
    public async Task A_request_cancelled_after_it_was_sent_learns_the_real_outcome()
    {
        await using var commits = Create();
        using var cancelled = new CancellationTokenSource();
        var request = commits.EnqueueAsync(1, cancelled.Token);
        var batch = await _database.NextAsync();
        await cancelled.CancelAsync();
        Assert.False(request.IsCompleted);
        batch.Store();
        Assert.Equal("stored 1", await request);
    }

    [Fact]
    public async Task A_full_queue_makes_callers_wait_and_they_may_give_up()
    {
        await using var commits = Create(new() { Capacity = 2 });
        var first = commits.EnqueueAsync(0, Ct);
        var batch = await _database.NextAsync();
        var queued = new[] { commits.EnqueueAsync(1, Ct), commits.EnqueueAsync(2, Ct) };
        using var impatient = new CancellationTokenSource();
        var shutOut = commits.EnqueueAsync(3, impatient.Token);
        Assert.Equal(2, commits.Counts.Waiting);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shutOut);
        batch.Store();
        var next = await _database.NextAsync();
        Assert.Equal([1, 2], next.Requests);
        next.Store();
        await Task.WhenAll([first, .. queued]);
    }

    [Fact]
    public async Task A_wrong_number_of_results_fails_the_batch_instead_of_mixing_up_answers()
    {
        await using var commits = Create();
        var request = commits.EnqueueAsync(1, Ct);
        (await _database.NextAsync()).Answer.SetResult([]);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => request);
        Assert.Contains("1 requests returned 0 results", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposal_stores_what_was_accepted_and_refuses_more()
    {
        var commits = Create();
        var first = commits.EnqueueAsync(1, Ct);
        var batch = await _database.NextAsync();
        var second = commits.EnqueueAsync(2, Ct);
        var disposal = commits.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => commits.EnqueueAsync(3, Ct));

        Assert.False(disposal.IsCompleted);
        batch.Store();
        (await _database.NextAsync()).Store();
        await disposal;
        Assert.Equal("stored 1", await first);
        Assert.Equal("stored 2", await second);
    }

    [Fact]
    public async Task Disposal_gives_up_on_a_database_that_does_not_answer()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var commits = Create(new() { DrainTimeout = TimeSpan.FromSeconds(30), Clock = clock });
        var underWay = commits.EnqueueAsync(1, Ct);
        await _database.NextAsync();
        var waiting = commits.EnqueueAsync(2, Ct);
        var disposal = commits.DisposeAsync().AsTask();

        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(disposal.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await disposal.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => underWay);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private GroupCommit<int, string> Create(GroupCommitOptions? options = null) => new(_database.CommitAsync, options);

    /// <summary>Makes these requests share one statement, by holding up an earlier one.</summary>
    private async Task<(ScriptedCommit.Batch Batch, Task<string>[] Requests)> OneBatchOfAsync(
        GroupCommit<int, string> commits, params int[] requests)
    {
        var earlier = commits.EnqueueAsync(-1, Ct);
        var holdUp = await _database.NextAsync();
        var tasks = requests.Select(request => commits.EnqueueAsync(request, Ct)).ToArray();
        holdUp.Store();
        await earlier;
        var batch = await _database.NextAsync();
        Assert.Equal(requests, batch.Requests);
        return (batch, tasks);
    }

    private static PostgresException Postgres(string sqlState) => new("refused by the script", "ERROR", "ERROR", sqlState);

    private static NpgsqlException Broken() => new("the connection broke", new IOException("reset"));

    /// <summary>Tells when somebody waits for it.</summary>
    private sealed class TellingClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource _isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAsked => _isAsked.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _isAsked.TrySetResult();
            return timer;
        }
    }
}
