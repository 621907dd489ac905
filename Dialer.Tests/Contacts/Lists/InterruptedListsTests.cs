using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Dialer.Web.Contacts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

public sealed class InterruptedListsTests(PrivatePostgres postgres)
{
    [Fact]
    public async Task The_web_tells_of_an_upload_that_a_dead_process_left_behind()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var lists = await ListFixture.CreateAsync(postgres, clock);
        var left = await lists.Queries.BeginAsync(lists.Campaign, ListMode.Replace, null, cancellationToken);
        using var sweep = new InterruptedLists(lists.Queries, clock, NullLogger<InterruptedLists>.Instance);
        await sweep.StartAsync(cancellationToken);

        // The sweep begins in its own time, so the clock goes on until it has seen a round.
        var seen = await Eventually.SeeAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(2));
                return await lists.Queries.FindAsync(lists.Campaign, left, 1, cancellationToken) is { Summary.State: ListState.Failed } failed ? failed : null;
            },
            "the upload is marked as failed",
            TimeSpan.FromSeconds(30));
        Assert.Contains("interrupted", Assert.Single(seen.Problems).Reason, StringComparison.Ordinal);
        await sweep.StopAsync(cancellationToken);
    }
}
