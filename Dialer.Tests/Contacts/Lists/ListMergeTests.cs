using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

public sealed class ListMergeTests(PrivatePostgres postgres)
{
    private const string Header = "NAME,PHONE_NUMBER,BALANCE\n";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replacing_calls_those_in_both_lists_anew_and_withdraws_the_others()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        await lists.ImportAsync(Header + "Waits,79030000001,1\nDone,79030000002,1\nFailed,79030000003,1\nGone,79030000004,1\nGoneDone,79030000005,1\n");
        await lists.RunAsync("update contact set state = 2 where name in ('Done', 'GoneDone'); update contact set state = 3 where name = 'Failed'");
        await lists.RunAsync("update campaign_count set waiting = 2, done = 2, failed = 1");

        var (id, result) = await lists.ImportAsync(Header + "failed,79030000003,9\nDONE,79030000002,9\nWaits,79030000001,9\nNew,79030000006,9\n");

        Assert.Equal(4, result.Counts.Contacts);
        Assert.Equal(4L, await lists.AskAsync<long>($"select count(*) from contact where list = {id} and state = 0 and variables like '%9%'"));
        Assert.Equal("Gone 4,GoneDone 4", await lists.AskAsync<string>($"select string_agg(name || ' ' || state, ',' order by name) from contact where list <> {id}"));
        Assert.Equal("4 0 0 0 2", await lists.CountersAsync());
        Assert.Equal(await lists.CountedAsync(), await lists.CountersAsync());
    }

    [Fact]
    public async Task Who_is_being_called_keeps_the_row_and_is_called_anew_after_or_withdrawn()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        await lists.ImportAsync(Header + "Talks,79030000001,1\nClaimed,79030000002,1\nTalksGone,79030000003,1\nClaimedGone,79030000004,1\n");
        await lists.RunAsync(
            """
            update contact set state = 1, claim_epoch = 7, retries_used = 2, struck = 1;
            insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at)
            select campaign, gen_random_uuid(), id, generation, name, numbers[1], 0, 'example/main', 'node', now() from contact where name like 'Talks%';
            update campaign_count set waiting = 2, calling = 2
            """);
        var before = await lists.AskAsync<long[]>("select array_agg(id order by id) from contact");

        var (id, result) = await lists.ImportAsync(Header + "Claimed,79030000002,9\nTalks,79030000001,9\n");

        Assert.Equal(2, result.Counts.Contacts);
        Assert.Equal(before, await lists.AskAsync<long[]>("select array_agg(id order by id) from contact"));
        Assert.Equal(
            $"Claimed 1 1 9 {id} 0 0,ClaimedGone 4 1 1 {id - 1} 2 1,Talks 1 1 9 {id} 0 0,TalksGone 4 1 1 {id - 1} 2 1",
            await lists.AskAsync<string>(
                "select string_agg(concat_ws(' ', name, state, generation, variables::json->>'BALANCE', list, retries_used, struck), ',' order by name) from contact"));
        Assert.Equal("1 1 0 0 2", await lists.CountersAsync());
        Assert.Equal(await lists.CountedAsync(), await lists.CountersAsync());
    }

    [Theory]
    [InlineData(ListMode.Replace)]
    [InlineData(ListMode.Add)]
    public async Task Who_was_withdrawn_while_they_talked_and_is_back_keeps_the_row_while_they_talk(ListMode mode)
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        await lists.ImportAsync(Header + "Talks,79030000001,1\nTalked,79030000002,1\n");
        await lists.RunAsync(
            """
            update contact set state = 1, claim_epoch = 7, retries_used = 2, struck = 1;
            insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at)
            select campaign, gen_random_uuid(), id, generation, name, numbers[1], 0, 'example/main', 'node', now() from contact;
            update campaign_count set waiting = 0, calling = 2
            """);
        var before = await lists.AskAsync<long[]>("select array_agg(id order by name desc) from contact");
        await lists.ImportAsync(Header + "Other,79030000003,1\n");
        Assert.Equal("1 0 0 0 2", await lists.CountersAsync());
        await lists.RunAsync("update attempt set ended_at = now(), verdict = 1 where name = 'Talked'");

        var (id, _) = await lists.ImportAsync(Header + "Talked,79030000002,9\nTalks,79030000001,9\n", mode);

        Assert.Equal(
            $"Talked 0 0 9 {id} 0 0,Talks 1 2 9 {id} 0 0",
            await lists.AskAsync<string>(
                "select string_agg(concat_ws(' ', name, state, generation, variables::json->>'BALANCE', list, retries_used, struck), ',' order by name) from contact where name like 'Talk%'"));
        Assert.Equal([before[0]], await lists.AskAsync<long[]>($"select array_agg(id) from contact where id = any('{{{before[0]},{before[1]}}}')"));
        Assert.Equal(mode == ListMode.Add ? "2 1 0 0 0" : "1 1 0 0 1", await lists.CountersAsync());
        Assert.Equal(await lists.CountedAsync(), await lists.CountersAsync());
    }

    [Fact]
    public async Task Adding_reports_who_is_there_already_and_calls_the_withdrawn_again()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        await lists.ImportAsync(Header + "Old,79030000001,1\nStays,79030000002,1\n");
        await lists.ImportAsync(Header + "Stays,79030000002,1\n");
        Assert.Equal("1 0 0 0 1", await lists.CountersAsync());

        var (id, result) = await lists.ImportAsync(Header + "Stays,8 903 000 00 02,9\nOld,79030000001,9\nNew,79030000003,9\n", ListMode.Add);

        Assert.Equal(new ListCounts(3, 2, 0, 1, 0), result.Counts);
        Assert.Equal("2  Duplicate: The same name with the same numbers is in the campaign already; called once. [Stays]", await lists.ProblemsAsync(id));
        Assert.Equal(
            "New +79030000003 {\"BALANCE\":\"9\"} 0\nOld +79030000001 {\"BALANCE\":\"9\"} 0\nStays +79030000002 {\"BALANCE\":\"1\"} 0",
            await lists.ContactsAsync());
        Assert.Equal("3 0 0 0 0", await lists.CountersAsync());
        Assert.Equal(await lists.CountedAsync(), await lists.CountersAsync());
    }

    [Fact]
    public async Task One_person_is_a_name_with_a_set_of_numbers_in_any_order_and_case()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        var (_, result) = await lists.ImportAsync(
            Header + "Анна  Ли,79030000001;79030000002,1\n анна ли,\"+7 903 000-00-02, 8 903 000-00-01\",2\nАнна Ли,79030000001,3\n");
        Assert.Equal((2, 1), (result.Counts.Contacts, result.Counts.Duplicates));
    }

    [Fact]
    public async Task Two_uploads_at_once_leave_one_list_in_force()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        var uploads = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => lists.ImportAsync(
            Header + string.Concat(Enumerable.Range(0, 300).Select(i => $"P{i},7903{i:0000000},{n}\n")), n == 5 ? ListMode.Add : ListMode.Replace)));
        Assert.All(uploads, u => Assert.Equal(ListState.Done, u.Result.State));
        Assert.Equal(300L, await lists.AskAsync<long>("select count(distinct person) from contact where state = 0"));
        Assert.Equal(300L, await lists.AskAsync<long>("select count(*) from contact where state = 0"));
        Assert.Equal("300 0 0 0 0", await lists.CountersAsync());
    }

    [Fact]
    public async Task Claims_and_outcomes_of_running_calls_go_on_during_a_merge()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        await lists.ImportAsync(Header + string.Concat(Enumerable.Range(0, 2_000).Select(i => $"P{i},7903{i:0000000},1\n")));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var calls = Task.Run(
            async () =>
            {
                var moved = 0;
                while (!over.IsCancellationRequested)
                {
                    await lists.RunAsync(
                        """
                        with current as materialized (select edition from campaign for share),
                        due as (
                            select id from contact
                            where edition = (select edition from current) and state = 0 order by id limit 20 for update skip locked)
                        update contact c set state = 1 from due where c.id = due.id
                        """);
                    moved += await lists.AskAsync<int>(
                        """
                        with held as (select campaign, id from contact where state = 1 order by id for update),
                        ended as (update contact c set state = 2 from held where c.campaign = held.campaign and c.id = held.id returning 1),
                        counted as (
                            update campaign_count set waiting = waiting - (select count(*) from ended), done = done + (select count(*) from ended))
                        select count(*)::int from ended
                        """);
                }

                return moved;
            },
            Ct);

        for (var n = 2; n < 6; n++)
        {
            var (_, result) = await lists.ImportAsync(Header + string.Concat(Enumerable.Range(0, 2_000).Select(i => $"P{i * n},7903{i * n:0000000},{n}\n")));
            Assert.Equal(ListState.Done, result.State);
        }

        await over.CancelAsync();
        Assert.True(await calls > 0);
        Assert.Equal(2_000L, await lists.AskAsync<long>("select count(*) from contact where state <> 4"));
        Assert.Equal(await lists.CountedAsync(), await lists.CountersAsync());
    }

    [Fact]
    public async Task A_list_whose_importer_died_is_marked_and_one_that_is_being_read_is_not()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var lists = await ListFixture.CreateAsync(postgres, clock);
        var dead = await lists.Queries.BeginAsync(lists.Campaign, ListMode.Replace, null, Ct);
        var alive = await lists.Queries.BeginAsync(lists.Campaign, ListMode.Replace, null, Ct);
        using var body = new HeldStream(Header + "Name,79030000001,1\n");
        var running = lists.Importer.ImportAsync(lists.Request(alive), body, Ct);
        await body.Read.WaitAsync(TimeSpan.FromSeconds(30), Ct);

        Assert.Equal(0, await lists.Queries.FailInterruptedAsync(Ct));
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await lists.Queries.FailInterruptedAsync(Ct));
        body.Release();

        Assert.Equal(ListState.Done, (await running).State);
        var found = (await lists.Queries.FindAsync(lists.Campaign, dead, 10, Ct))!;
        Assert.Equal(ListState.Failed, found.Summary.State);
        Assert.Contains("interrupted", Assert.Single(found.Problems).Reason, StringComparison.Ordinal);
        Assert.Equal([ListState.Done, ListState.Failed], (await lists.Queries.ListAsync(lists.Campaign, 10, Ct)).Select(l => l.State));

        var (_, late) = (dead, await lists.Importer.ImportAsync(lists.Request(dead), new MemoryStream("x"u8.ToArray()), Ct));
        Assert.Contains("given up", late.Failure!.Reason, StringComparison.Ordinal);
    }

    /// <summary>A sender that has paused before the end.</summary>
    private sealed class HeldStream(string text) : MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public new Task Read => reached.Task;

        public void Release() => released.TrySetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
            {
                reached.TrySetResult();
                await released.Task.WaitAsync(cancellationToken);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
