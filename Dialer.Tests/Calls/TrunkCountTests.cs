using Dialer.Grains.Trunks;
using Dialer.Storage.Calls;
using Dialer.Storage.Database;
using Dialer.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Calls;

public sealed class TrunkCountTests(PrivatePostgres postgres)
{
    [Fact]
    public async Task A_trunk_that_nobody_ever_owned_has_nothing_to_count()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var elsewhere = NpgsqlDataSource.Create(database.ConnectionString);
        await elsewhere.DisposeAsync();
        Assert.Equal(1, await TakeAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(TakeAsync);

        Task<long> TakeAsync() => TrunkCount.TakeAsync(
            new TrunkLines(), "example/main", "example-silo", new Owners(database), new OpenAttempts(elsewhere), DateTimeOffset.UnixEpoch,
            TestContext.Current.CancellationToken);
    }
}
