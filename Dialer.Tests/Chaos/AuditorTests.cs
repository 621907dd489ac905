using System.Text.Json;
using Dialer.Chaos;
using Dialer.Chaos.Audit;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Chaos;

/// <summary>The audit of the chaos programs finds what it is there to find.</summary>
public sealed class AuditorTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly string Listener = People.Number(Behaviour.Listens, 0);
    private static readonly string Early = People.Number(Behaviour.HangsUpEarly, 1);
    private static readonly string Busy = People.Number(Behaviour.Busy, 2);

    [Fact]
    public void Calls_attempts_and_contacts_that_agree_are_clean()
    {
        var figures = Auditor.Audit(Agreeing());
        Assert.Empty(figures.Findings);
        Assert.True(figures.IsClean);
        Assert.Equal((3, 5, 5), (figures.Contacts, figures.CallsSeen, figures.Attempts));
    }

    [Fact]
    public void A_call_without_an_attempt_of_its_own_is_found()
    {
        var evidence = Agreeing();
        Assert.Equal(1, Auditor.Audit(evidence with { Calls = [.. evidence.Calls, Call(Listener, 2, 3, 7)] }).CalledTwice);
        Assert.Equal(1, Auditor.Audit(evidence with { Calls = [.. evidence.Calls, Call(Listener, 100, 101, 107)] }).CalledTwice);
    }

    [Fact]
    public void Whoever_still_waits_or_is_missing_is_forgotten()
    {
        var evidence = Agreeing();
        Assert.Equal(1, Auditor.Audit(evidence with
        {
            Contacts = [.. evidence.Contacts.Select(c => c.Number == Listener ? c with { State = "waiting" } : c)],
        }).Forgotten);
        Assert.Equal(1, Auditor.Audit(evidence with { Contacts = [.. evidence.Contacts.Skip(1)] }).Forgotten);
    }

    [Fact]
    public void An_attempt_of_which_the_network_knows_nothing_is_found() =>
        Assert.Equal(1, Auditor.Audit(Agreeing() with { Calls = [.. Agreeing().Calls.Where(c => c.Number != Listener)] }).NeverCalled);

    [Fact]
    public void A_verdict_that_the_network_contradicts_is_found()
    {
        var evidence = Agreeing();
        var attempts = evidence.Attempts.Select(a => a.Number == Early && a.StartedAt == Noon ? a with { Verdict = "success" } : a).ToList();
        Assert.Contains(Auditor.Audit(evidence with { Attempts = attempts }).Findings, f => f.StartsWith("success after 2.0 s", StringComparison.Ordinal));
        Assert.Equal(1, Auditor.Audit(evidence with
        {
            Contacts = [.. evidence.Contacts.Select(c => c.Number == Busy ? c with { State = "done" } : c)],
        }).Wrong);
    }

    [Fact]
    public void A_call_that_began_while_the_hours_were_closed_is_found()
    {
        var closed = Strike(-3, 5) with { NobodyCanDial = true };
        Assert.Equal(0, Auditor.Audit(Agreeing() with { Strikes = [closed] }).OutOfHours);
        Assert.True(Auditor.Audit(Agreeing() with { Strikes = [closed with { IsClosed = true }] }).OutOfHours > 0);
        // What was decided at the last moment still begins.
        Assert.Equal(0, Auditor.Audit(Agreeing() with { Strikes = [closed with { From = Noon.AddSeconds(-1), To = Noon.AddSeconds(2), IsClosed = true }] }).OutOfHours);
        // The network wrote down late what came before.
        var late = Agreeing() with { Calls = [.. Agreeing().Calls.Select(c => c.Number == Listener ? c with { StartedAt = At(1.5) } : c)] };
        Assert.Equal(0, Auditor.Audit(late with { Strikes = [closed with { From = At(-1), IsClosed = true }] }).OutOfHours);
    }

    [Fact]
    public void More_calls_than_lines_are_found()
    {
        var figures = Auditor.Audit(Agreeing() with { Lines = 1 });
        Assert.Equal((2, 2), (figures.CapExceeded, figures.CapExceededBy));
    }

    [Theory]
    // The network received our BYE before the next INVITE, and worked both off later; or after it.
    [InlineData(7.1, 7.2, 0)]
    [InlineData(7.3, 7.2, 1)]
    // It began late with a call that was there before.
    [InlineData(7.1, 7.05, 1)]
    // Of a call that died with its Asterisk no message tells the end.
    [InlineData(null, 7.2, 1)]
    public void A_line_is_in_use_from_the_INVITE_to_the_first_message_of_its_end(double? freed, double invited, int exceeded)
    {
        var agreeing = Agreeing();
        var (first, second) = (Call(Listener, 0, 1, 7.9), Call(Early, 7.6, 8, 10));
        var evidence = agreeing with
        {
            Calls = [first with { Sip = new SipCall(Listener, At(0), At(1), freed is { } at ? At(at) : null) }, second with { Sip = new SipCall(Early, At(invited), At(8), At(10)) }],
            Lines = 1,
        };
        Assert.Equal(exceeded, Auditor.Audit(evidence).CapExceeded);
    }

    [Theory]
    [InlineData(5, 1)]
    // Our node may not have worked it off when it gave up.
    [InlineData(1, 0)]
    public void A_gateway_that_rang_was_not_silent(double rang, int wrong)
    {
        var agreeing = Agreeing();
        var evidence = agreeing with
        {
            Calls = [.. agreeing.Calls, Call(Busy, 20, null, 26) with { Sip = new SipCall(Busy, At(20), null, At(26)) { RangAt = At(26 - rang) } }],
            Attempts = [.. agreeing.Attempts, Attempt(Busy, 19.9, null, 26.1, "trunkDown")],
            Contacts = [.. agreeing.Contacts.Select(contact => contact.Number == Busy ? contact with { Attempts = 3 } : contact)],
        };
        Assert.Equal(wrong, Auditor.Audit(evidence).Wrong);
    }

    [Theory]
    // By the messages 3.9 s, and by the network's own log 5 s, since it was late with both.
    [InlineData(0.9, "tooShort", "failed", 0)]
    [InlineData(0.9, "success", "done", 0)]
    // By the messages 4.7 s.
    [InlineData(0.1, "tooShort", "failed", 1)]
    public void Who_hung_up_late_since_the_network_stood_still_was_called_as_long_as_its_messages_say(double late, string verdict, string state, int wrong)
    {
        var agreeing = Agreeing();
        var evidence = agreeing with
        {
            Calls = [.. agreeing.Calls.Select(c => c.Number == Early && c.StartedAt > At(5) ? Call(Early, 13, 14, 19) with { Sip = new SipCall(Early, At(13), At(14 + late), At(18.8)) } : c)],
            Attempts = [.. agreeing.Attempts.Select(a => a.Number == Early && a.StartedAt > At(5) ? a with { EndedAt = At(18.8), Verdict = verdict } : a)],
            Contacts = [.. agreeing.Contacts.Select(c => c.Number == Early ? c with { State = state } : c)],
        };
        Assert.Equal(wrong, Auditor.Audit(evidence).Wrong);
    }

    [Fact]
    public void Who_hangs_up_early_is_not_hung_up_on_before() =>
        Assert.Equal(1, Auditor.Audit(Agreeing() with
        {
            Calls = [.. Agreeing().Calls.Select(c => c.Number == Early && c.StartedAt < At(5) ? c with { EndedAt = At(2) } : c)],
        }).TalkingCut);

    [Fact]
    public void A_listener_who_is_held_longer_than_plan_and_damage_last_has_listened_to_silence()
    {
        var held = Agreeing() with { Calls = [.. Agreeing().Calls.Select(c => c.Number == Listener ? c with { EndedAt = At(37) } : c)] };
        Assert.Equal(30, Auditor.Audit(held).LongestSilence.TotalSeconds, 0.01);
        Assert.Equal(12, Auditor.Audit(held with { Strikes = [Strike(2, 20)] }).LongestSilence.TotalSeconds, 0.01);
        Assert.Equal(0.1, Auditor.Audit(Agreeing()).LongestSilence.TotalSeconds, 0.01);
    }

    [Fact]
    public void A_call_that_ended_before_its_plan_is_cut_unless_its_Asterisk_died()
    {
        var evidence = Agreeing() with
        {
            Calls = [.. Agreeing().Calls.Select(c => c.Number == Listener ? c with { EndedAt = c.EndedAt - TimeSpan.FromSeconds(1.5) } : c)],
        };
        Assert.Equal(1, Auditor.Audit(evidence).TalkingCut);
        Assert.Equal(0, Auditor.Audit(evidence with { Strikes = [Strike(5, 9, Listener)] }).TalkingCut);
        Assert.Equal(1, Auditor.Audit(evidence with { Strikes = [Strike(5, 9)] }).TalkingCut);
    }

    [Theory]
    [InlineData(5, 9, 1, 0)]
    // Both were called again while the node was still away, or long after.
    [InlineData(-4, 9, 0, 1)]
    [InlineData(-8, -1, 0, 1)]
    // It ended after the node was there again.
    [InlineData(1, 4, 0, 1)]
    public void A_call_is_lost_with_its_node_only_if_it_was_up_when_that_was_killed(double killed, double back, int lost, int cut)
    {
        var evidence = Agreeing() with
        {
            Calls = [.. Agreeing().Calls.Select(c => c.Number == Listener ? c with { EndedAt = c.EndedAt - TimeSpan.FromSeconds(1.5) } : c)],
            Strikes = [Strike(killed, back, Listener) with { SocketGap = true }],
        };
        var figures = Auditor.Audit(evidence);
        Assert.Equal((lost, cut), (figures.LostWithNode, figures.TalkingCut));
    }

    [Fact]
    public void A_call_that_rang_on_a_killed_node_is_lost_with_it() =>
        Assert.Equal(1, Auditor.Audit(Agreeing() with { Strikes = [Strike(10.45, 15, Busy)] }).LostWithNode);

    [Fact]
    public void Who_had_heard_enough_and_is_called_again_is_counted()
    {
        var agreeing = Agreeing();
        Assert.Equal(0, Auditor.Audit(agreeing).HeardAndCalledAgain);
        Assert.Equal(1, Auditor.Audit(agreeing with { Calls = [.. agreeing.Calls, Call(Listener, 12, 13, 19.1)] }).HeardAndCalledAgain);
    }

    [Theory]
    // A listener is spoken to for six seconds, however long nobody did. (Who hangs up early picks up then, too.)
    [InlineData(0.4, 0.5, 3, true, 1, 1)]
    [InlineData(6.1, 0.5, 3, true, 0, 2)]
    [InlineData(9, 0.5, 4, true, 0, 2)]
    // Nobody was deaf: the database was away, or a clock wrong.
    [InlineData(6.1, 0.5, 3, false, 0, 0)]
    public void Who_picks_up_in_a_gap_is_not_hung_up_on(double lasted, double from, double to, bool socketGap, int cut, int gap)
    {
        var evidence = Agreeing() with
        {
            Calls = [.. Agreeing().Calls.Select(c => c.Number == Listener ? c with { EndedAt = c.AnsweredAt!.Value + TimeSpan.FromSeconds(lasted) } : c)],
            Strikes = [Strike(from, to) with { SocketGap = socketGap }],
        };
        var figures = Auditor.Audit(evidence);
        Assert.Equal((cut, gap), (figures.TalkingCut, figures.PickedUpInGap));
    }

    [Theory]
    // Ten seconds of which nobody spoke for seven, or for two.
    [InlineData(8, 0)]
    [InlineData(3, 1)]
    public void What_nobody_spoke_does_not_count_as_listening(double to, int wrong)
    {
        var agreeing = Agreeing();
        var evidence = agreeing with
        {
            Calls = [.. agreeing.Calls.Select(c => c.Number == Early && c.StartedAt < At(5) ? c with { EndedAt = At(11) } : c)],
            Strikes = [Strike(0.5, to) with { SocketGap = true }],
        };
        Assert.Equal(wrong, Auditor.Audit(evidence).Wrong);
    }

    [Theory]
    [InlineData(13.2, 0)]
    [InlineData(9, 1)]
    public void A_talk_lasts_until_one_of_the_two_hangs_up(double until, int cut)
    {
        const string talker = "79994200007";
        var agreeing = Agreeing();
        var evidence = agreeing with
        {
            People = agreeing.People.Append(new(talker, new Person("Talker", talker, Behaviour.WantsAnOperator))).ToDictionary(StringComparer.Ordinal),
            Calls = [.. agreeing.Calls, Call(talker, 0, 0.1, until)],
            Attempts = [.. agreeing.Attempts, Attempt(talker, 0, 0.1, until, "success") with { Operator = "mobile" }],
            Contacts = [.. agreeing.Contacts, new ContactRow(talker, "done", 1, "success")],
            Lines = 4,
        };
        Assert.Equal(cut, Auditor.Audit(evidence).TalkingCut);
        // Who pressed the key waits for an operator as long; whose key was lost was hung up on when the plan was over.
        var waited = evidence with { Attempts = [.. evidence.Attempts.Select(a => a with { Operator = null, Keys = a.Number == talker ? "1" : null })] };
        Assert.Equal(cut, Auditor.Audit(waited).TalkingCut);
        Assert.Equal(0, Auditor.Audit(waited with { Attempts = [.. waited.Attempts.Select(a => a with { Keys = null })] }).TalkingCut);
        Assert.Equal(0, Auditor.Audit(waited with { Strikes = [Strike(0, 2) with { SocketGap = true }] }).TalkingCut);
        // Or when the cluster was not whole yet; after that keys are heard.
        var early = Strike(-9, -8) with { SocketGap = true };
        Assert.Equal(0, Auditor.Audit(waited with { Strikes = [early with { WholeAt = At(2) }] }).TalkingCut);
        Assert.Equal(cut, Auditor.Audit(waited with { Strikes = [early with { WholeAt = At(-1) }] }).TalkingCut);
    }

    [Fact]
    public void Who_counts_as_reached_has_heard_the_greeting()
    {
        Assert.Equal((1, 0), Heard(Agreeing()));
        var silent = Agreeing();
        silent = silent with { Calls = [.. silent.Calls.Select(call => call.Heard is null ? call : call with { Heard = TimeSpan.FromSeconds(0.9) })] };
        Assert.Equal((1, 1), Heard(silent));
        Assert.False(Auditor.Audit(silent).IsClean);
        // Its Asterisk died.
        Assert.Equal((0, 0), Heard(silent with { Strikes = [Strike(7, 9, Listener)] }));
        Assert.Equal(["of no call it was recorded what was heard"], Undone.Of(Agreeing() with { Calls = [Call(Early, 0.1, 1, 3)] }));

        static (int Recorded, int Unheard) Heard(Evidence evidence) => Auditor.Audit(evidence) is var figures ? (figures.Recorded, figures.Unheard) : default;
    }

    [Fact]
    public void A_call_that_was_up_at_a_strike_and_went_on_is_counted() =>
        Assert.Equal(1, Auditor.Audit(Agreeing() with { Strikes = [Strike(5, 9)] }).TalkingContinued);

    [Fact]
    public void A_pause_counts_from_a_free_line_and_not_while_nobody_could_dial()
    {
        // The last call before that of 12:01:00 began at 12:00:13, and lines are free all the time.
        var late = Agreeing();
        late = late with { Lines = 3, Calls = [.. late.Calls.Where(c => c.Number != Busy), Call(Busy, 60, null, 60.1)] };
        Assert.Equal(47, Auditor.Audit(late).LongestPause.TotalSeconds, 1.0);
        var strike = Strike(10, 50) with { NobodyCanDial = true };
        Assert.Equal(10, Auditor.Audit(late with { Strikes = [strike] }).LongestPause.TotalSeconds, 1.0);
        Assert.Equal(47, Auditor.Audit(late with { Strikes = [Strike(10, 50)] }).LongestPause.TotalSeconds, 1.0);
        // Nobody was there to be called.
        var added = late.People.ToDictionary(p => p.Key, p => p.Key == Busy ? p.Value with { AddedAt = At(57) } : p.Value, StringComparer.Ordinal);
        Assert.InRange(Auditor.Audit(late with { People = added }).LongestPause.TotalSeconds, 2, 14);
    }

    [Fact]
    public void A_line_whose_call_died_with_its_node_is_free_when_the_node_is_there_again()
    {
        var evidence = Agreeing();
        // One line, in use until 12:00:08; the next call begins at 12:00:60.
        evidence = evidence with { Lines = 1, Calls = [Call(Listener, 0, 1, 8), Call(Busy, 60, null, 60.1)] };
        Assert.Equal(52, Auditor.Audit(evidence).LongestPause.TotalSeconds, 1.0);
        var strike = Strike(8, 56) with { CutNumbers = new HashSet<string>([Listener]), NodeAgainAt = At(50) };
        Assert.Equal(10, Auditor.Audit(evidence with { Strikes = [strike] }).LongestPause.TotalSeconds, 1.0);
        Assert.Equal(52, Auditor.Audit(evidence with { Strikes = [strike with { CutNumbers = new HashSet<string>([Busy]) }] }).LongestPause.TotalSeconds, 1.0);
        // Two lines: the other one was free all the time.
        Assert.Equal(60, Auditor.Audit(evidence with { Lines = 2, Strikes = [strike] }).LongestPause.TotalSeconds, 1.0);
    }

    [Theory]
    [InlineData(1, 1, 1, true)]
    [InlineData(0, 1, 1, false)]
    [InlineData(1, 0, 1, false)]
    [InlineData(1, 1, 0, false)]
    public void Events_count_as_spoilt_only_if_they_were_in_every_way(int late, int twice, int lost, bool done)
    {
        var undone = Undone.Of(Agreeing() with { Spoilt = new SpoiltEvents(late, twice, lost) });
        Assert.Equal(done ? 0 : 1, undone.Count());
        Assert.Empty(Undone.Of(Agreeing()));
    }

    [Fact]
    public void A_call_without_SIP_messages_says_that_they_were_not_kept() =>
        Assert.Equal(["1 calls are not among the network's SIP messages"], Undone.Of(Agreeing() with
        {
            Calls = [.. Agreeing().Calls.Select(call => call.Number == Listener ? call with { Sip = null } : call)],
        }));

    [Theory]
    [InlineData(19, 41, true)]
    [InlineData(21, 41, false)]
    [InlineData(19, 39, false)]
    public void The_hours_are_crossed_only_if_all_clocks_were_wrong_when_they_closed_and_opened(double from, double to, bool done)
    {
        var evidence = Waiting();
        var step = Strike(10, 50);
        var crossing = evidence with { Strikes = [.. evidence.Strikes, step with { ClocksWrong = (At(from), At(to)) }] };
        Assert.Equal(done ? [] : ["the hours closed and opened without all silos' clocks being wrong"], Undone.Of(crossing));
        Assert.NotEmpty(Undone.Of(evidence with { Strikes = [.. evidence.Strikes, step] }));
    }

    [Fact]
    public void Closed_hours_say_nothing_if_nobody_waited()
    {
        var crossed = Strike(10, 50) with { ClocksWrong = (At(19), At(41)) };
        var evidence = Waiting();
        evidence = evidence with { Strikes = [.. evidence.Strikes, crossed] };
        Assert.Empty(Undone.Of(evidence));
        Assert.Single(Undone.Of(evidence with { Calls = Agreeing().Calls }));
        var late = evidence.People.ToDictionary(p => p.Key, p => p.Value with { AddedAt = At(30) }, StringComparer.Ordinal);
        Assert.Single(Undone.Of(evidence with { People = late }));
    }

    [Fact]
    public async Task The_last_line_of_a_run_that_could_not_go_on_says_so()
    {
        await using var output = new StringWriter();
        await new Report("silo-kill", 7, output).FailAsync(3, "no \"answer\"");
        var last = JsonDocument.Parse(output.ToString().TrimEnd().Split('\n')[^1]).RootElement;
        Assert.False(last.GetProperty("ok").GetBoolean());
        Assert.Equal(("silo-kill", 7, 3, "no \"answer\""), (
            last.GetProperty("chaos").GetString(), last.GetProperty("seed").GetInt32(), last.GetProperty("strikes").GetInt32(), last.GetProperty("error").GetString()));
    }

    [Fact]
    public void Lost_lines_are_counted_by_the_words_that_the_trunk_has_for_them() =>
        Assert.Equal(Dialer.Grains.Trunks.TrunkGrain.LostLines, Leftovers.LostLines);

    [Fact]
    public async Task The_last_line_of_a_run_says_what_was_spoilt_and_what_was_not_done()
    {
        await using var output = new StringWriter();
        await new Report("events", 7, output).WriteAsync(new Figures(), 0, new SpoiltEvents(1, 2, 0), new Leftovers(0, 0, 0), TimeSpan.FromSeconds(10), ok: false, "no event was lost");
        var last = JsonDocument.Parse(output.ToString().TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal((false, "no event was lost", 1, 2, 0), (
            last.GetProperty("ok").GetBoolean(), last.GetProperty("error").GetString(),
            last.GetProperty("eventsLate").GetInt32(), last.GetProperty("eventsTwice").GetInt32(), last.GetProperty("eventsLost").GetInt32()));
    }

    /// <summary>The hours are closed from 20 s to 40 s, and one of the three is called after that.</summary>
    private static Evidence Waiting() => Agreeing() with
    {
        Calls = [.. Agreeing().Calls.Where(call => call.Number != Listener), Call(Listener, 41, 42, 48.1) with { Heard = TimeSpan.FromSeconds(2) }],
        Strikes = [Strike(20, 40) with { IsClosed = true, NobodyCanDial = true }],
    };

    /// <summary>Three people, called at noon; who hung up early or was busy again after ten seconds.</summary>
    private static Evidence Agreeing() => new(
        new[] { new Person("Listener", Listener, Behaviour.Listens), new Person("Early", Early, Behaviour.HangsUpEarly), new Person("Busy", Busy, Behaviour.Busy) }
            .ToDictionary(p => p.Number, StringComparer.Ordinal),
        [Call(Listener, 0, 1, 7.1) with { Heard = TimeSpan.FromSeconds(2) }, Call(Early, 0.1, 1, 3), Call(Busy, 0.2, null, 0.3), Call(Early, 13, 14, 16), Call(Busy, 10.4, null, 10.5)],
        [
            Attempt(Listener, 0, 1, 7.1, "success"), Attempt(Early, 0, 1, 3, "tooShort"), Attempt(Busy, 0.1, null, 0.4, "busy"),
            Attempt(Early, 12.9, 14, 16, "tooShort"), Attempt(Busy, 10.3, null, 10.6, "busy"),
        ],
        [new ContactRow(Listener, "done", 1, "success"), new ContactRow(Early, "failed", 2, "tooShort"), new ContactRow(Busy, "failed", 2, "busy")],
        [],
        3);

    private static DateTimeOffset At(double seconds) => Noon + TimeSpan.FromSeconds(seconds);

    private static NetworkCallRow Call(string number, double from, double? answered, double to) =>
        new(number, At(from), answered is { } at ? At(at) : null, At(to)) { Sip = new SipCall(number, At(from), null, null) };

    private static AttemptRow Attempt(string number, double from, double? answered, double to, string verdict) =>
        new(number, At(from), answered is { } at ? At(at) : null, At(to), verdict, null);

    private static Strike Strike(double from, double to, params string[] cut) =>
        new("a strike", At(from), At(to), NobodyCanDial: false, cut.ToHashSet(StringComparer.Ordinal));
}
