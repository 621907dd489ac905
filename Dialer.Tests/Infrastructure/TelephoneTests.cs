using System.Security.Cryptography;
using Dialer.Tests.Scenario;
using Xunit;

namespace Dialer.Tests.Infrastructure;

/// <summary>SIP phones of the simulated network, and an Asterisk that comes back empty.</summary>
[Collection(AsteriskCollection.Name)]
public sealed class TelephoneTests(AsteriskPair pair)
{
    [Fact]
    public async Task A_phone_registers_rings_and_talks_with_a_subscriber()
    {
        await using var caller = await PlainCaller.ConnectAsync(pair);
        await caller.PushTrunkAsync("t-phones");
        await AddPhoneAsync(caller, "talks");
        var number = RealDialer.Number(17, ends: 2);

        var phone = await caller.OriginateAsync("PJSIP/talks");
        await caller.AnsweredAsync(phone);
        var subscriber = await caller.OriginateAsync($"PJSIP/{number}@t-phones");
        await caller.AnsweredAsync(subscriber);
        await caller.SendAsync(HttpMethod.Post, $"bridges/{subscriber}-b");
        await caller.SendAsync(HttpMethod.Post, $"bridges/{subscriber}-b/addChannel?channel={phone},{subscriber}");
        await caller.FollowAsync(subscriber);
        await caller.SendAsync(HttpMethod.Delete, $"channels/{phone}");
        // A bridge outlives its channels and its application: another test would find it.
        await caller.SendAsync(HttpMethod.Delete, $"bridges/{subscriber}-b");

        var heardBySubscriber = await pair.HeardAsync(Assert.Single(await pair.CallsToAsync(number)));
        var heardByPhone = await pair.HeardAsync(Assert.Single(await pair.CallsToAsync("phone-talks")));
        Assert.True(heardBySubscriber.Heard(880) > TimeSpan.FromSeconds(8), $"880 Hz for {heardBySubscriber.Heard(880)}");
        Assert.True(heardByPhone.Heard(440) > TimeSpan.FromSeconds(8), $"440 Hz for {heardByPhone.Heard(440)}");
        await pair.RemovePhoneAsync("talks");
    }

    [Fact]
    public async Task A_silent_phone_rings_and_is_never_answered()
    {
        await using var caller = await PlainCaller.ConnectAsync(pair);
        await AddPhoneAsync(caller, "silent-one");

        var end = await caller.FollowAsync(await caller.OriginateAsync("PJSIP/silent-one", timeoutSeconds: 2));

        Assert.Equal((false, 19, "RINGING"), (end.Answered, end.Cause, end.DialStatus));
        await pair.RemovePhoneAsync("silent-one");
    }

    [Fact]
    public async Task A_phone_dials_an_extension_and_hears_what_it_says()
    {
        await using var caller = await PlainCaller.ConnectAsync(pair);
        await AddPhoneAsync(caller, "dials");

        var channel = await pair.DialAsync("dials", "999*1");
        var start = await caller.NextAsync(seen => PlainCaller.Type(seen) == "StasisStart", "the phone's call");
        var call = PlainCaller.Channel(start)!;
        await caller.SendAsync(HttpMethod.Post, $"channels/{call}/answer");
        await caller.SendAsync(HttpMethod.Post, $"channels/{call}/moh");
        await caller.FollowAsync(await OriginateClockAsync(caller));
        await pair.HangUpAsync(channel);

        Assert.Equal(["internal", "999*1", "dials"], start["args"]!.AsArray().Select(argument => (string)argument!));
        Assert.False((await pair.HeardAsync(channel)).IsSilent);
        await pair.RemovePhoneAsync("dials");
    }

    [Fact]
    public async Task A_restarted_pbx_has_forgotten_what_was_pushed_and_takes_it_again()
    {
        await using (var before = await PlainCaller.ConnectAsync(pair))
        {
            await before.PushTrunkAsync("t-forgotten");
        }

        await pair.RestartPbxAsync();

        await using var caller = await PlainCaller.ConnectAsync(pair);
        var endpoint = $"PJSIP/{RealDialer.Number(19)}@t-forgotten";
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => caller.OriginateAsync(endpoint));
        Assert.Equal(System.Net.HttpStatusCode.InternalServerError, refused.StatusCode);
        await caller.PushTrunkAsync("t-forgotten");
        Assert.True((await caller.FollowAsync(await caller.OriginateAsync(endpoint))).Answered);
    }

    /// <summary>A call that lasts a second: time passes on the network's clock.</summary>
    private static async Task<string> OriginateClockAsync(PlainCaller caller)
    {
        await caller.PushTrunkAsync("t-phones");
        return await caller.OriginateAsync($"PJSIP/{RealDialer.Number(19)}@t-phones");
    }

    private async Task AddPhoneAsync(PlainCaller caller, string id)
    {
        var password = RandomNumberGenerator.GetHexString(16, lowercase: true);
        await caller.PushPhoneAsync(id, password);
        await pair.AddPhoneAsync(id, password);
        await caller.WaitUntilOnlineAsync(id);
    }
}
