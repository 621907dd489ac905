using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Calls;
using Dialer.Storage.Paging;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Rest;

public sealed class AttemptQueriesTests(PrivatePostgres postgres) : ReadSideFixture(postgres)
{
    private AttemptQueries Attempts => new(Database);

    [Fact]
    public async Task An_attempt_lasts_from_answer_to_hang_up()
    {
        var id = await Attempt(1, Noon, Noon.AddSeconds(5), Noon.AddSeconds(20), (short)Verdict.Success);

        var attempt = Assert.Single((await Page(new AttemptFilter())).Items);

        Assert.Equal((id, 1L, "main", TimeSpan.FromSeconds(15)), (attempt.Id, attempt.ContactId, attempt.Trunk, attempt.Duration));
        Assert.Equal((Verdict.Success, 16, "1"), (attempt.Verdict, attempt.Cause, attempt.Keys));
    }

    [Fact]
    public async Task An_attempt_that_nobody_answered_has_no_duration()
    {
        await Attempt(1, Noon, ended: Noon.AddSeconds(20), verdict: (short)Verdict.NoAnswer);

        Assert.Null(Assert.Single((await Page(new AttemptFilter())).Items).Duration);
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        var wanted = await Attempt(1, Noon, ended: Noon, verdict: (short)Verdict.Busy, number: "+79508881234");
        await Attempt(2, Noon, ended: Noon, verdict: (short)Verdict.Busy, number: "+79508881234");
        await Attempt(1, Noon, number: "+79508881234");
        await Attempt(1, Noon, ended: Noon, verdict: (short)Verdict.NoAnswer, number: "+79508881234");
        await Attempt(1, Noon, ended: Noon, verdict: (short)Verdict.Busy, number: "+79161234567");
        await Attempt(1, Noon.AddHours(1), ended: Noon.AddHours(1), verdict: (short)Verdict.Busy, number: "+79508881234");
        await Attempt(1, Noon, ended: Noon, verdict: (short)Verdict.Busy, number: "+79508881234", campaign: Other);

        var page = await Page(new AttemptFilter(false, [Verdict.Busy], "950888", Noon, Noon.AddMinutes(1), 1));

        Assert.Equal([wanted], page.Items.Select(attempt => attempt.Id));
    }

    [Fact]
    public async Task Running_calls_can_be_asked_for()
    {
        await Attempt(1, Noon, ended: Noon);
        var running = await Attempt(2, Noon);

        Assert.Equal([running], (await Page(new AttemptFilter(Open: true))).Items.Select(attempt => attempt.Id));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("-startedAt", true)]
    [InlineData("startedAt", false)]
    [InlineData("duration", false)]
    [InlineData("-duration", true)]
    [InlineData("name", false)]
    public async Task Pages_follow_each_other_without_gap_or_repetition(string? sort, bool newestFirst)
    {
        var ids = new List<Guid>();
        // Later calls last longer, but for the first two, which are equal.
        foreach (var second in new[] { 1, 2, 3, 4, 5 })
            ids.Add(await Attempt(second, Noon.AddSeconds(second), Noon.AddMinutes(1), Noon.AddMinutes(1).AddSeconds(Math.Max(second, 2))));

        var read = new List<Guid>();
        Cursor? after = null;
        do
        {
            var page = await Page(new AttemptFilter(), new PageRequest(sort, 2, after));
            read.AddRange(page.Items.Select(attempt => attempt.Id));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(newestFirst ? Enumerable.Reverse(ids) : ids, read);
    }

    [Fact]
    public async Task Everything_streams_oldest_first()
    {
        var first = await Attempt(1, Noon);
        var second = await Attempt(2, Noon.AddSeconds(1));

        var all = await Attempts.AllAsync(Campaign, new AttemptFilter(), TestContext.Current.CancellationToken).Select(attempt => attempt.Id).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal([first, second], all);
    }

    private Task<Page<AttemptView>> Page(AttemptFilter filter, PageRequest? page = null) =>
        Attempts.PageAsync(Campaign, filter, page ?? new PageRequest(), TestContext.Current.CancellationToken);
}
