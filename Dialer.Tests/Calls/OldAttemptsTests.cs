using System.Globalization;
using Dialer.Hosting;
using Dialer.Silo.Hosting;
using Dialer.Storage.Calls;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>Attempts that are older than they are to be kept.</summary>
public sealed class OldAttemptsTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private StoreFixture _store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await StoreFixture.CreateAsync(postgres);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Those_that_ended_go_and_those_without_an_end_stay()
    {
        var other = (await _store.Lists.BesideAsync("water")).Campaign;
        await HaveAsync(_store.Campaign, daysAgo: 40, count: 4500);
        await HaveAsync(_store.Campaign, daysAgo: 29, count: 3);
        await HaveAsync(other, daysAgo: 31, count: 5);
        await HaveAsync(other, daysAgo: 50, count: 1, ended: false);
        var old = new OldAttempts(_store.Database);

        Assert.Equal(4505, await old.ForgetAsync(StoreFixture.Now.AddDays(-30), Ct));

        Assert.Equal("3 ended, 1 open", await _store.AskAsync<string>(
            "select count(ended_at) || ' ended, ' || count(*) filter (where ended_at is null) || ' open' from attempt"));
        Assert.Equal(0, await old.ForgetAsync(StoreFixture.Now.AddDays(-30), Ct));
    }

    [Fact]
    public async Task What_was_counted_stays_counted()
    {
        await _store.UploadAsync(ListMode.Replace, 1, 2, 3);
        var (contact, attempt) = await _store.CallAsync();
        await _store.Attempts.EndAsync(_store.End(attempt));
        var (counters, verdicts) = (await _store.CountersAsync(), await CountedAsync());

        // The id of that attempt is of today, its beginning of the test's clock.
        Assert.Equal(1, await new OldAttempts(_store.Database).ForgetAsync(new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero), Ct));

        Assert.Equal((counters, verdicts), (await _store.CountersAsync(), await CountedAsync()));
        Assert.Equal(1, await _store.AskAsync<int>(string.Create(CultureInfo.InvariantCulture, $"select attempts::int from contact where id = {contact.Id}")));

        Task<string> CountedAsync() => _store.AskAsync<string>("select string_agg(c::text, '; ' order by shard) from campaign_count c");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("90", 90.0)]
    [InlineData("1.12:00:00", 1.5)]
    public void How_long_they_are_kept_is_a_setting(string? setting, double? days) =>
        Assert.Equal(days, Settings(setting).KeepAttempts?.TotalDays);

    [Theory]
    [InlineData("soon")]
    [InlineData("12:00:00")]
    [InlineData("-90")]
    [InlineData("900000")]
    public void What_is_no_number_of_days_is_refused_by_its_name(string setting) =>
        Assert.Contains($"Dialer:KeepAttempts '{setting}'", Assert.Throws<SettingException>(() => Settings(setting)).Message, StringComparison.Ordinal);

    private static SiloSettings Settings(string? kept) => SiloSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Dialer:Database"] = "Host=127.0.0.1",
            ["Dialer:Nodes:0:Id"] = "pbx",
            ["Dialer:Nodes:0:AriUrl"] = "http://127.0.0.1:8088/ari/",
            ["Dialer:Nodes:0:User"] = "dialer",
            ["Dialer:Nodes:0:Password"] = "example",
            ["Dialer:KeepAttempts"] = kept,
        }).Build());

    /// <summary>Has attempts of a second each, one begun a second after the other.</summary>
    private async Task HaveAsync(int campaign, int daysAgo, int count, bool ended = true)
    {
        await using var command = _store.Database.CreateCommand("""
            insert into attempt (campaign, id, contact, generation, name, number, number_index, trunk, node, started_at, ended_at, verdict)
            select $1, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || left(md5(n::text), 19))::uuid, n, 0, 'Example', '79161110000', 0,
                'example/main', 'pbx', at, case when $4 then at + interval '1 second' end, case when $4 then 0 end
            from (select n, $2::timestamptz + n * interval '1 second' as at from generate_series(1, $3) n) made
            """);
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = StoreFixture.Now.AddDays(-daysAgo).UtcDateTime });
        command.Parameters.Add(new() { Value = count });
        command.Parameters.Add(new() { Value = ended });
        await command.ExecuteNonQueryAsync(Ct);
    }
}
