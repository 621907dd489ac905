using System.Globalization;
using System.Text.Json;
using Dialer.Chaos.Audit;
using Dialer.Chaos.Damage;
using Dialer.Chaos.Installation;
using Dialer.Tests.Infrastructure;

namespace Dialer.Chaos;

/// <summary>One run of a program: a cluster that calls, damage, the end of all calls, the audit.</summary>
internal sealed class ChaosRun(string name, ChaosProgram program, bool isShort, int seed, TextWriter output)
{
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan BeforeClosing = TimeSpan.FromSeconds(8);
    private readonly Random _random = new(seed);
    private readonly People _people = new(new Random(seed));
    private readonly List<Strike> _strikes = [];
    private Queue<Blow> _damages = new();

    private int Lines => isShort ? 30 : 200;

    private int FirstPeople => isShort ? 130 : 2000;

    /// <summary>Runs it and prints the figures.</summary>
    /// <returns>Whether everything required holds.</returns>
    public async Task<bool> RunAsync()
    {
        await output.WriteLineAsync($"{name}: seed {seed}, {FirstPeople} contacts or more, {Lines} lines, 2 silos, 2 nodes");
        await using var cluster = await Cluster.StartAsync(program.Surroundings);
        if (program.SpoilsEvents)
            SpoilEvents(cluster);
        var campaign = new Campaign(cluster, Lines);
        await campaign.StartAsync(_people.Next(FirstPeople));
        await CallsAreRunningAsync(cluster);
        var began = Now;
        for (var i = 0; i < (isShort ? program.ShortStrikes : program.Strikes) || (!isShort && Now - began < program.AtLeast); i++)
            await StrikeAsync(cluster, campaign, i);
        await EverybodyIsDoneAsync(campaign);
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
        // The hours are about to close over people who wait.
        if (cluster.Hours.Closed is { } closed && closed.From - Now - BeforeClosing is var left && left > TimeSpan.Zero)
            await Task.Delay(left);
        // Whatever is done is done to a cluster that is busy.
        if (await campaign.StatsAsync() is { } stats && (int)stats["contacts"]!["waiting"]! < (isShort ? 1 : 4) * Lines)
        {
            var more = _people.Next((isShort ? 2 : 6) * Lines);
            await campaign.AddAsync(more);
            _people.Added(more, Now);
        }

        await Task.Delay(TimeSpan.FromSeconds(2 + (_random.NextDouble() * (isShort ? 3 : 6))));
        var damage = isShort
            ? program.ShortDamages[index % program.ShortDamages.Length]
            : NextDamage();
        var strike = await damage(cluster, _random);
        _strikes.Add(strike);
        await cluster.IsWholeAsync();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"  {strike.From:HH:mm:ss.f}  {strike.What}; all is there again after {(Now - strike.From).TotalSeconds:0.0} s"));
    }

    private Blow NextDamage()
    {
        if (_damages.Count == 0)
        {
            var all = program.Damages.ToArray();
            _random.Shuffle(all);
            _damages = new Queue<Blow>(all);
        }

        return _damages.Dequeue();
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
        var (permits, channels) = await LeftoversAsync(cluster, campaign);
        var figures = Auditor.Audit(new Evidence(
            _people.ByNumber,
            [.. cluster.Calls().Select(call => new NetworkCallRow(call.Number, call.StartedAt, call.AnsweredAt, call.EndedAt))],
            await campaign.AttemptsAsync(), await campaign.ContactsAsync(), _strikes, Lines));
        foreach (var finding in figures.Findings.Take(25))
            await output.WriteLineAsync($"  {finding}");
        var ok = figures.IsClean && permits + channels == 0 && figures.LongestPause <= program.LongestPause;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {figures.Contacts} contacts, {figures.CallsSeen} calls seen by the network, {figures.Attempts} attempts ({figures.Interrupted} interrupted); called twice {figures.CalledTwice}, forgotten {figures.Forgotten}, never called {figures.NeverCalled}, wrong {figures.Wrong}, out of hours {figures.OutOfHours}, cap exceeded {figures.CapExceeded} (by {figures.CapExceededBy}), talking cut {figures.TalkingCut}, continued {figures.TalkingContinued}, picked up in a gap {figures.PickedUpInGap}, lost with a node {figures.LostWithNode}, heard and called again {figures.HeardAndCalledAgain}, keys lost {figures.KeysLost}; longest pause {figures.LongestPause.TotalSeconds:0.0} s (at most {program.LongestPause.TotalSeconds:0}); left: {permits} permits, {channels} channels: {(ok ? "as required" : "NOT as required")}"));
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            chaos = name,
            seed,
            ok,
            strikes = _strikes.Count,
            contacts = figures.Contacts,
            callsSeen = figures.CallsSeen,
            attempts = figures.Attempts,
            interrupted = figures.Interrupted,
            calledTwice = figures.CalledTwice,
            forgotten = figures.Forgotten,
            neverCalled = figures.NeverCalled,
            wrong = figures.Wrong,
            outOfHours = figures.OutOfHours,
            capExceeded = figures.CapExceeded,
            capExceededBy = figures.CapExceededBy,
            talkingCut = figures.TalkingCut,
            talkingContinued = figures.TalkingContinued,
            pickedUpInGap = figures.PickedUpInGap,
            lostWithNode = figures.LostWithNode,
            heardAndCalledAgain = figures.HeardAndCalledAgain,
            keysLost = figures.KeysLost,
            longestPause = Math.Round(figures.LongestPause.TotalSeconds, 1),
            permitsLeft = permits,
            channelsLeft = channels,
        }));
        return ok;
    }

    private static async Task<(int Permits, int Channels)> LeftoversAsync(Cluster cluster, Campaign campaign)
    {
        var left = (Permits: -1, Channels: -1);
        try
        {
            await Eventually.SeeAsync(
                async () => (left = (await campaign.PermitsAsync(), await cluster.ChannelsLeftAsync())) is (0, 0) ? cluster : null,
                "nothing left",
                TimeSpan.FromSeconds(45),
                TimeSpan.FromMilliseconds(500));
        }
        catch (TimeoutException)
        {
            // The figures say what is left.
        }

        return left;
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
