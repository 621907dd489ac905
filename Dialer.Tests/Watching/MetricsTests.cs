using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Rest;
using Xunit;

namespace Dialer.Tests.Watching;

/// <summary>What a silo's <c>/metrics</c> says after calls.</summary>
[Collection(DialerOnFakeCollection.Name)]
public sealed class MetricsTests(DialerOnFake dialer)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_show_in_the_figures_of_a_silo_and_their_numbers_do_not()
    {
        var campaign = await dialer.CalledAsync(answering: 3, busy: 2);
        var tenant = $"tenant=\"{campaign.Split('/')[1]}\"";

        // Calls are counted a moment after their end is stored.
        var text = await Eventually.SeeAsync(
            async () => await ReadAsync() is var (now, said) && now.Sum("dialer_attempts_ended", tenant, "trunk=\"main\"") >= 5 ? said : null,
            "five ended attempts in the figures",
            TimeSpan.FromSeconds(20));
        var metrics = new Exposition(text);

        Assert.Equal(3, metrics.Sum("dialer_attempts_ended", "verdict=\"Success\"", tenant, "trunk=\"main\""));
        Assert.Equal(2, metrics.Sum("dialer_attempts_ended", "verdict=\"Busy\"", tenant, "trunk=\"main\""));
        Assert.Equal(5, metrics.Sum("dialer_trunk_lines", tenant, "trunk=\"main\""));
        Assert.Equal(0, metrics.Sum("dialer_trunk_lines_in_use", tenant, "trunk=\"main\""));
        Assert.Equal(0, metrics.Sum("dialer_campaign_buffer", tenant, "campaign=\"debts\""));
        Assert.Equal(1, metrics.Sum("dialer_node_connected", "node=\"fake\""));
        Assert.True(metrics.Sum("dialer_claimed_contacts") >= 5, "Fewer contacts were claimed than called.");
        Assert.True(metrics.Sum("dialer_claim_seconds_count") > 0, "No claim was timed.");
        foreach (var write in new[] { "start", "end" })
        {
            Assert.True(metrics.Sum("dialer_commit_seconds_count", $"write=\"{write}\"") > 0, $"No commit of {write} was timed.");
            Assert.True(metrics.Sum("dialer_commit_writes_sum", $"write=\"{write}\"") >= 5, $"Fewer writes of {write} than calls.");
        }

        Assert.True(metrics.Sum("dialer_ari_request_seconds_count", "request=\"POST channels\"", "outcome=\"ok\"") >= 5, "Fewer originates than calls.");
        Assert.True(metrics.Sum("dialer_event_lag_seconds_count") >= 10, "Calls without events.");
        Assert.True(metrics.Sum("dialer_ari_connects") >= 1, "A socket that nobody opened.");
        // Every number of these tests begins so.
        Assert.DoesNotContain("7999555", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callers_who_wait_and_lines_in_use_are_seen_while_they_do()
    {
        var campaign = await dialer.CampaignAsync(enabled: true);
        var tenant = campaign[..campaign.IndexOf("/campaigns", StringComparison.Ordinal)];
        var (number, mobile) = (DialerOnFake.Number(), DialerOnFake.Number());
        await dialer.Host.Api.PutAsync($"{tenant}/extensions/998", $$"""
            {"kind":"queue","members":[{"number":"{{mobile}}","trunk":"main"}],"strategy":"ringAll","ringTimeout":"00:00:25","maxWait":"00:02:00","goTo":null}
            """);
        dialer.Asterisk.Script(mobile, Subscriber.NoAnswer());
        dialer.Asterisk.Script(number, Subscriber.Answers().HangsUpAfter(TimeSpan.FromMinutes(1)));
        await dialer.Host.Api.UploadAsync(campaign, DialerOnFake.Row("Waits Example", number));
        var label = $"tenant=\"{tenant.Split('/')[1]}\"";

        await Eventually.SeeAsync(
            async () => (await ReadAsync()).Metrics is var now && now.Sum("dialer_queue_callers", label, "queue=\"998\"") == 1
                && now.Sum("dialer_trunk_lines_in_use", label) == 2 ? now : null,
            "one caller in the queue, and a line for the mobile that rings",
            TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_socket_that_broke_and_was_opened_again_is_counted()
    {
        var before = (await ReadAsync()).Metrics;
        dialer.Asterisk.DropSocket();
        await Eventually.SeeAsync(
            async () => (await ReadAsync()).Metrics is var now && now.Sum("dialer_ari_losses") > (before.Sum("dialer_ari_losses") ?? 0)
                && now.Sum("dialer_ari_connects") > before.Sum("dialer_ari_connects") ? now : null,
            "a lost socket and a new one",
            TimeSpan.FromSeconds(20));
        await dialer.Host.NodesConnectedAsync();
    }

    private async Task<(Exposition Metrics, string Text)> ReadAsync()
    {
        using var silo = dialer.Host.SiloEndpoints();
        var text = await silo.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct);
        return (new Exposition(text), text);
    }
}
