using System.Data.Common;
using System.Globalization;
using Dialer.ClientSample;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

try
{
    var options = Options.Parse(args);
    using var host = ClusterClient.Build(options.Database);
    await host.StartAsync();
    try
    {
        // Ctrl-C and SIGTERM end the host, and this with it.
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await FollowAsync(host.Grains(), Keys.Of(options.Tenant, options.Campaign), stopping);
    }
    finally
    {
        await host.StopAsync();
    }

    return 0;
}
catch (ArgumentException wrong)
{
    return await ComplainAsync(wrong.Message, 2);
}
catch (RefusedException refused)
{
    return await ComplainAsync(refused.Message, 1);
}
catch (DbException database)
{
    return await ComplainAsync($"PostgreSQL could not be asked for the silos: {database.Message}", 1);
}
catch (Exception cluster) when (cluster is OrleansException or TimeoutException)
{
    return await ComplainAsync($"No silo answers; is one running on this database? {cluster.Message}", 1);
}

static async Task FollowAsync(IGrainFactory grains, string key, CancellationToken stopping)
{
    var campaign = grains.GetGrain<ICampaignGrain>(key);
    await campaign.Start();
    var follower = new CampaignFollower();
    await using var subscription = await Subscription.StartAsync(grains, campaign, follower);
    Console.WriteLine($"Following {key}. Ctrl-C ends this; the campaign goes on.");
    try
    {
        for (string? before = null; ;)
        {
            var (stats, status) = await follower.NextAsync(stopping);
            // A campaign also tells of changes that this line does not show.
            if (Line(stats, status) is var line && line != before)
                Console.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}");
            before = line;
            if (status.State == CampaignActivity.Finished)
                return;
        }
    }
    catch (OperationCanceledException) when (stopping.IsCancellationRequested)
    {
        Console.WriteLine("No longer following; the campaign goes on.");
    }
}

static string Line(CampaignStats stats, CampaignStatus status)
{
    var (contacts, attempts) = (stats.Contacts, stats.Attempts);
    var verdicts = string.Join(", ", attempts.ByVerdict.Where(v => v.Value > 0).Select(v => $"{v.Key} {v.Value}"));
    var reasons = string.Join(" ", status.Reasons.Select(r => r.Detail));
    return string.Create(CultureInfo.InvariantCulture,
        $"{status.State}: {contacts.Done} done, {contacts.Failed} failed, {contacts.Calling} calling, "
        + $"{contacts.Waiting} waiting of {contacts.Total}; {stats.Lines.InUse}/{stats.Lines.Share} lines; {attempts.Total} attempts")
        + (verdicts.Length > 0 ? $" ({verdicts})" : "") + (reasons.Length > 0 ? $". {reasons}" : "");
}

static async Task<int> ComplainAsync(string message, int code)
{
    await Console.Error.WriteLineAsync(message);
    return code;
}
