using System.Globalization;
using Dialer.Grains.Speech;
using Dialer.Tests.Scenario;
using Dialer.Tests.Speech;
using Xunit;

namespace Dialer.Tests.Infrastructure;

/// <summary>The simulated telephone network does what its numbers promise: other tests and the demo rest on it.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class TelephoneNetworkTests(AsteriskPair pair)
{
    private const string Trunk = "t-network-tests";
    private static int s_people;

    [Theory]
    [InlineData(12, 17, 486, "BUSY")]
    [InlineData(13, 19, 480, "RINGING")]
    [InlineData(14, 1, 404, "NOANSWER")]
    [InlineData(15, 21, 403, "NOANSWER")]
    [InlineData(16, 34, 503, "CONGESTION")]
    [InlineData(21, 38, 500, "NOANSWER")]
    [InlineData(31, 19, 480, "RINGING")]
    [InlineData(32, 17, 486, "BUSY")]
    public async Task A_number_that_is_not_answered_ends_with_its_cause(int behaviour, int cause, int techCause, string dialStatus)
    {
        await using var caller = await ConnectAsync();
        var number = Number(behaviour);

        var end = await caller.FollowAsync(await caller.OriginateAsync($"PJSIP/{number}@{Trunk}", timeoutSeconds: 2));

        Assert.Equal(new CallEnd(Answered: false, dialStatus, cause, techCause, Keys: ""), end);
        var logged = Assert.Single(await pair.CallsToAsync(number));
        Assert.Equal("74950000000", logged.CallerId);
        Assert.Null(logged.AnsweredAt);
        Assert.NotEqual("ANSWERED", logged.Disposition);
    }

    [Theory]
    [InlineData(11, 4)]
    [InlineData(19, 1)]
    [InlineData(20, 5)]
    public async Task A_number_that_hangs_up_does_so_after_its_time(int behaviour, int seconds)
    {
        await using var caller = await ConnectAsync();
        var number = Number(behaviour);

        var end = await caller.FollowAsync(await caller.OriginateAsync($"PJSIP/{number}@{Trunk}"));

        Assert.Equal((true, 16), (end.Answered, end.Cause));
        var logged = Assert.Single(await pair.CallsToAsync(number));
        Assert.InRange((logged.EndedAt - logged.AnsweredAt!.Value).TotalSeconds, seconds - 0.2, seconds + 1.5);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(22)]
    [InlineData(33)]
    [InlineData(0)]
    public async Task A_number_that_listens_hears_what_is_played_until_the_caller_hangs_up(int behaviour)
    {
        await using var caller = await ConnectAsync();
        var number = behaviour == 0 ? string.Create(CultureInfo.InvariantCulture, $"77605{Interlocked.Increment(ref s_people):00000}") : Number(behaviour);
        var tone = Path.Combine(pair.Pbx.Folder, "tone660.wav");
        await File.WriteAllBytesAsync(tone, PcmWav.Write(SoundWorkshop.Tone(660, 1, 8000)), TestContext.Current.CancellationToken);

        var call = await caller.OriginateAsync($"PJSIP/{number}@{Trunk}");
        await caller.AnsweredAsync(call);
        await caller.SendAsync(HttpMethod.Post, $"channels/{call}/play", new { media = new[] { "sound:" + Path.ChangeExtension(tone, null) } });
        await caller.NextAsync(seen => PlainCaller.Type(seen) == "PlaybackFinished", "PlaybackFinished");
        await caller.SendAsync(HttpMethod.Delete, $"channels/{call}");

        var logged = Assert.Single(await pair.CallsToAsync(number));
        Assert.Equal("ANSWERED", logged.Disposition);
        var heard = await pair.HeardAsync(logged);
        Assert.InRange(heard.Heard(660).TotalSeconds, 0.7, 1.1);
        Assert.Equal(TimeSpan.Zero, heard.Heard(440));
    }

    [Theory]
    [InlineData(17, "1")]
    [InlineData(18, "5")]
    public async Task A_number_that_presses_a_key_does_so_at_its_second(int behaviour, string key)
    {
        await using var caller = await ConnectAsync();
        // The scenarios have such numbers, too.
        var number = RealDialer.Number(behaviour, ends: 2);

        // Not by the network's log: a machine's clock may be set meanwhile.
        var began = TimeProvider.System.GetTimestamp();
        var end = await caller.FollowAsync(await caller.OriginateAsync($"PJSIP/{number}@{Trunk}"), hangUpAtKey: true);

        Assert.Equal((true, key), (end.Answered, end.Keys));
        // It rings for a second.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 3, 4.5);
        Assert.NotNull(Assert.Single(await pair.CallsToAsync(number)).AnsweredAt);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(25)]
    [InlineData(26)]
    public async Task A_number_that_fails_first_listens_from_the_second_call_on(int behaviour)
    {
        await using var caller = await ConnectAsync();
        var number = Number(behaviour);

        var first = await caller.FollowAsync(await caller.OriginateAsync($"PJSIP/{number}@{Trunk}", timeoutSeconds: 2));
        var second = await caller.FollowAsync(await caller.OriginateAsync($"PJSIP/{number}@{Trunk}"), hangUpAtAnswer: true);

        Assert.Equal(behaviour switch { 24 => 16, 25 => 17, _ => 19 }, first.Cause);
        Assert.Equal(behaviour == 24, first.Answered);
        Assert.True(second.Answered);
        Assert.Equal(2, (await pair.CallsToAsync(number, count: 2)).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trunk_with_a_login_is_served_only_with_its_password(bool right)
    {
        await using var caller = await ConnectAsync();
        await caller.PushTrunkAsync("t-login", "line", right ? pair.LinePassword : "wrong");

        var end = await caller.FollowAsync(await caller.OriginateAsync($"PJSIP/{Number(19)}@t-login"));

        Assert.Equal(right, end.Answered);
        Assert.Equal(right ? null : 401, end.TechCause);
    }

    [Fact]
    public async Task A_hundred_lines_are_in_use_at_once()
    {
        await using var caller = await ConnectAsync();
        var numbers = Enumerable.Range(0, 100).Select(_ => Number(20)).ToHashSet(StringComparer.Ordinal);

        await pair.Network.BeginSipLogAsync();
        await Task.WhenAll(numbers.Select(number => caller.OriginateAsync($"PJSIP/{number}@{Trunk}")));
        foreach (var number in numbers)
        {
            await pair.CallsToAsync(number);
        }

        var calls = pair.ReadCallLog().Where(call => numbers.Contains(call.Number)).ToList();
        Assert.Equal(100, calls.Count);
        Assert.All(calls, call => Assert.Equal("ANSWERED", call.Disposition));
        var messages = (await pair.Network.EndSipLogAsync()).Where(call => numbers.Contains(call.Number)).ToList();
        Assert.Equal(100, messages.Count);
        Assert.All(messages, call => Assert.NotNull(call.FreedAt));
        Assert.Equal(100, SipCall.MostAtOnce(messages));
    }

    private async Task<PlainCaller> ConnectAsync()
    {
        var caller = await PlainCaller.ConnectAsync(pair);
        await caller.PushTrunkAsync(Trunk);
        return caller;
    }

    // The scenarios, which share this network and its log, have numbers of their own: none of theirs ends so (RealDialer.Number).
    private static string Number(int behaviour) =>
        string.Create(CultureInfo.InvariantCulture, $"7999{behaviour}{Interlocked.Increment(ref s_people):000}99");
}
