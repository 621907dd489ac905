using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

/// <summary>One time for all silos: the database's, whatever the clock of a silo's machine says.</summary>
public sealed class DatabaseTimeTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Close = TimeSpan.FromSeconds(1);
    private NpgsqlDataSource _database = null!;

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_machine_whose_clock_is_an_hour_off_has_the_databases_time_after_a_look(int hours)
    {
        var time = new DatabaseTime(new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(hours)));
        Assert.Equal(hours, (time.GetUtcNow() - DateTimeOffset.UtcNow).TotalHours, 0.01);

        var set = await time.LookAsync(_database, TestContext.Current.CancellationToken);

        Assert.Equal(-hours, set.TotalHours, 0.01);
        Assert.Equal(DateTimeOffset.UtcNow, time.GetUtcNow(), Close);
    }

    [Fact]
    public async Task Between_two_looks_it_goes_on_by_the_steady_counter_whatever_is_done_to_the_clock()
    {
        var machine = new SteppedClock();
        var time = new DatabaseTime(machine);
        await time.LookAsync(_database, TestContext.Current.CancellationToken);
        var before = time.GetUtcNow();

        machine.Step(TimeSpan.FromHours(1));
        machine.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal(before.AddSeconds(7), time.GetUtcNow());
    }

    [Fact]
    public async Task A_time_that_is_right_is_not_set()
    {
        var time = new DatabaseTime();
        await time.LookAsync(_database, TestContext.Current.CancellationToken);
        // What the answer leaves open is some milliseconds; a drift is less.
        Assert.InRange((await time.LookAsync(_database, TestContext.Current.CancellationToken)).Duration().TotalSeconds, 0, 0.2);
    }

    public async ValueTask InitializeAsync() => _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync(migrate: false));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private sealed class SteppedClock : FakeTimeProvider
    {
        private TimeSpan _step;

        public void Step(TimeSpan by) => _step = by;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _step;
    }
}
