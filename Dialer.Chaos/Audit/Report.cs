using System.Globalization;
using System.Text.Json;

namespace Dialer.Chaos.Audit;

/// <summary>What a run prints at its end: the figures in words, and as JSON in the last line.</summary>
internal sealed class Report(string name, int seed, TextWriter output)
{
    /// <summary>The run came to its end.</summary>
    /// <param name="mistake">Why it says nothing, whatever the figures are; null where it does.</param>
    public async Task WriteAsync(
        Figures figures, int strikes, SpoiltEvents? spoilt, Leftovers left, TimeSpan longestPause, bool ok, string? mistake)
    {
        var (late, twice, lost) = spoilt ?? new SpoiltEvents(0, 0, 0);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {figures.Contacts} contacts, {figures.CallsSeen} calls seen by the network, {figures.Attempts} attempts ({figures.Interrupted} interrupted); called twice {figures.CalledTwice}, forgotten {figures.Forgotten}, never called {figures.NeverCalled}, wrong {figures.Wrong}, out of hours {figures.OutOfHours}, cap exceeded {figures.CapExceeded} (by {figures.CapExceededBy}), talking cut {figures.TalkingCut}, continued {figures.TalkingContinued}, picked up in a gap {figures.PickedUpInGap}, lost with a node {figures.LostWithNode}, heard and called again {figures.HeardAndCalledAgain}, keys lost {figures.KeysLost}, greeting unheard {figures.Unheard} (of {figures.Recorded} recorded); {(spoilt is null ? "" : $"events late {late}, twice {twice}, lost {lost}; ")}longest pause {figures.LongestPause.TotalSeconds:0.0} s, longest silence {figures.LongestSilence.TotalSeconds:0.0} s (each at most {longestPause.TotalSeconds:0}); left: {left.Permits} permits, {left.Channels} channels; lines lost for a while {left.LinesLost}: {(ok ? "as required" : "NOT as required")}{(mistake is null ? "" : $": {mistake}")}"));
        await output.WriteLineAsync(JsonSerializer.Serialize(new
        {
            chaos = name,
            seed,
            ok,
            error = mistake,
            strikes,
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
            recorded = figures.Recorded,
            unheard = figures.Unheard,
            talkingContinued = figures.TalkingContinued,
            pickedUpInGap = figures.PickedUpInGap,
            lostWithNode = figures.LostWithNode,
            heardAndCalledAgain = figures.HeardAndCalledAgain,
            keysLost = figures.KeysLost,
            eventsLate = late,
            eventsTwice = twice,
            eventsLost = lost,
            longestPause = Math.Round(figures.LongestPause.TotalSeconds, 1),
            longestSilence = Math.Round(figures.LongestSilence.TotalSeconds, 1),
            permitsLeft = left.Permits,
            channelsLeft = left.Channels,
            linesLost = left.LinesLost,
        }));
    }

    /// <summary>The run could not go on.</summary>
    public async Task FailAsync(int strikes, string error)
    {
        await output.WriteLineAsync($"{name} with seed {seed} could not go on: {error}");
        await output.WriteLineAsync(JsonSerializer.Serialize(new { chaos = name, seed, ok = false, error, strikes }));
    }
}

/// <summary>What is in use at the end, when nobody calls any more; and what was for a while.</summary>
/// <param name="Permits">Lines that the trunk still counts.</param>
/// <param name="Channels">Channels and bridges of nodes and network.</param>
/// <param name="LinesLost">How often the trunk found lines in use that no call had: it had gone without them for half a minute.</param>
internal sealed record Leftovers(int Permits, int Channels, int LinesLost)
{
    /// <summary>The words by which a silo's log tells of such lines; a test holds them to the trunk's.</summary>
    public const string LostLines = "lines are in use that no call has any more";

    /// <summary>Whether all that was in use is free.</summary>
    public bool IsNothing => (Permits, Channels) is (0, 0);
}
