using System.Globalization;
using Dialer.Chaos.Audit;
using Dialer.Chaos.Damage;
using Dialer.Chaos.Installation;
using Dialer.Tests.Infrastructure;
using Npgsql;

namespace Dialer.Chaos;

/// <summary>One run of a program: a cluster that calls, damage, the end of all calls, the audit.</summary>
internal sealed class ChaosRun(string name, ChaosProgram program, bool isShort, int seed, bool keeps, TextWriter output)
{
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan BeforeClosing = TimeSpan.FromSeconds(12);
    private readonly Random _random = new(seed);
    private readonly People _people = new(new Random(seed));
    private readonly List<Strike> _strikes = [];
    private readonly Deck<Blow> _damages = new(program.Damages);
    private readonly Report _report = new(name, seed, output);

    private int Lines => isShort ? 30 : 200;

    // A short run shares its cores with another one, in the test suite of a machine that may be busy with others' work besides.
    private TimeSpan LongestPause => isShort ? 2 * program.LongestPause : program.LongestPause;

    private int FirstPeople => isShort ? 130 : 2000;

    /// <summary>Runs it and prints the figures.</summary>
    /// <returns>Whether everything required holds.</returns>
    public async Task<bool> RunAsync()
    {
        await output.WriteLineAsync($"{name}: seed {seed}, {FirstPeople} contacts or more, {Lines} lines, 2 silos, 2 nodes");
        await using var cluster = await Cluster.StartAsync(program.Surroundings);
        try
        {
            var ok = await RunAsync(cluster);
            cluster.IsKept = !ok || keeps;
            return ok;
        }
        // Whatever it was: the last line is the result, and there is no other place to say it.
        catch (Exception failure)
        {
            await _report.FailAsync(_strikes.Count, failure.Message);
            return false;
        }
    }

    private async Task<bool> RunAsync(Cluster cluster)
    {
        if (program.SpoilsEvents)
            SpoilEvents(cluster);
        var campaign = new Campaign(cluster, Lines);
        await campaign.StartAsync(_people.Next(FirstPeople));
        await CallsAreRunningAsync(cluster);
        var began = Now;
        for (var i = 0; i < (isShort ? program.ShortStrikes : program.Strikes) || (!isShort && Now - began < program.AtLeast); i++)
            await StrikeAsync(cluster, campaign, i);
        await EverybodyIsDoneAsync(campaign);
        await SayAsync("the wait for everybody is over");
        return await AuditAsync(cluster, campaign);
    }

    private void SpoilEvents(Cluster cluster)
    {
        foreach (var (line, i) in cluster.Lines.Select((l, i) => (l, i)))
        {
            var random = new Random(seed + i);
            line.Spoil = () => new EventSpoiler(random);
            line.Cut();
        }
    }

    private static Task CallsAreRunningAsync(Cluster cluster) => Eventually.SeeAsync(
        () => cluster.Calls().Count >= 10 ? cluster : null, "the first calls in the network's log", TimeSpan.FromSeconds(60));

    private async Task StrikeAsync(Cluster cluster, Campaign campaign, int index)
    {
        // With the first strike the hours close and open, while all clocks are wrong, and over people who wait.
        var isAcrossHours = program.Surroundings.SiloClocks && cluster.Hours.Closed is null;
        // Whatever is done is done to a cluster that is busy.
        if (isAcrossHours || (await campaign.StatsAsync() is { } stats && (int)stats["contacts"]!["waiting"]! < (isShort ? 1 : 4) * Lines))
        {
            var more = _people.Next((isShort ? 2 : 6) * Lines);
            await campaign.AddAsync(more);
            _people.Added(more, Now);
        }

        if (isAcrossHours)
            await campaign.KeepHoursAsync(Hours.AcrossSteps(Now, BeforeClosing, TimeSpan.FromSeconds(isShort ? 15 : 60)));
        else
            await Task.Delay(TimeSpan.FromSeconds(2 + (_random.NextDouble() * (isShort ? 3 : 6))));
        var damage = isShort
            ? program.ShortDamages[index % program.ShortDamages.Length]
            : _damages.Deal(_random, blow => !isAcrossHours || blow == program.AcrossHours);
        var strike = await damage(cluster, _random);
        _strikes.Add(strike);
        await cluster.IsWholeAsync();
        _strikes[^1] = strike with { WholeAt = Now };
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"  {strike.From:HH:mm:ss.f}  {strike.What}; all is there again after {(Now - strike.From).TotalSeconds:0.0} s"));
    }

    private async Task EverybodyIsDoneAsync(Campaign campaign)
    {
        try
        {
            await Eventually.SeeAsync(
                async () => await campaign.StatsAsync() is { } stats && stats["contacts"] is { } contacts
                    && (int)contacts["waiting"]! + (int)contacts["calling"]! == 0 ? stats : null,
                "everybody done or failed",
                PatienceAtEnd,
                TimeSpan.FromMilliseconds(500));
        }
        catch (TimeoutException late)
        {
            // The audit says who was forgotten.
            await output.WriteLineAsync($"  {late.Message}; the campaign says {await campaign.StatusAsync()}");
        }
    }

    private async Task<bool> AuditAsync(Cluster cluster, Campaign campaign)
    {
        if (cluster.Hours.Closed is { } closed)
            _strikes.Add(new Strike("closed", closed.From, closed.To, NobodyCanDial: true, new HashSet<string>()) { IsClosed = true });
        var left = await LeftoversAsync(cluster, campaign);
        var evidence = new Evidence(
            _people.ByNumber,
            SipPairing.Join(
                cluster.Calls().Select(call => new NetworkCallRow(call.Number, call.StartedAt, call.AnsweredAt, call.EndedAt) { Heard = cluster.HeardGreeting(call) }),
                await cluster.Network.EndSipLogAsync()),
            await campaign.AttemptsAsync(), await campaign.ContactsAsync(), _strikes, Lines)
        {
            Spoilt = program.SpoilsEvents ? EventSpoiler.Spoilt : null,
        };
        await SayAsync("all rows are read");
        var figures = Auditor.Audit(evidence);
        foreach (var finding in figures.Findings.Take(25))
            await output.WriteLineAsync($"  {finding}");
        var undone = Undone.Of(evidence).ToList();
        var ok = undone.Count == 0 && figures.IsClean && left.IsNothing && (left.LinesLost == 0 || !program.KeepsLines)
            && figures.LongestPause <= LongestPause && figures.LongestSilence <= LongestPause;
        if (!ok || keeps)
        {
            await cluster.KeepAsync("findings.txt", figures.Findings);
            await KeepRowsAsync(cluster);
        }

        await _report.WriteAsync(
            figures, _strikes.Count(strike => !strike.IsClosed), evidence.Spoilt, left, LongestPause, ok, undone.Count == 0 ? null : string.Join("; ", undone));
        return ok;
    }

    private async Task KeepRowsAsync(Cluster cluster)
    {
        try
        {
            await cluster.KeepRowsAsync();
        }
        catch (NpgsqlException failure)
        {
            await SayAsync($"the database's rows could not be kept: {failure.Message}");
        }
    }

    private static async Task<Leftovers> LeftoversAsync(Cluster cluster, Campaign campaign)
    {
        var left = new Leftovers(-1, -1, 0);
        try
        {
            await Eventually.SeeAsync(
                async () => (left = left with { Permits = await campaign.PermitsAsync(), Channels = await cluster.ChannelsLeftAsync() }).IsNothing ? cluster : null,
                "nothing left",
                TimeSpan.FromSeconds(45),
                TimeSpan.FromMilliseconds(500));
        }
        catch (TimeoutException)
        {
            // The figures say what is left.
        }

        return left with { LinesLost = cluster.LinesLost() };
    }

    private Task SayAsync(string what) => output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {Now:HH:mm:ss.f}  {what}"));

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
