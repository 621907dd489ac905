using Dialer.Ari;
using Dialer.Ari.Transport;
using Dialer.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Ari;

/// <summary>Requests over HTTP that had to wait for a connection.</summary>
public sealed class TimelyContentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1.4, true)]
    [InlineData(1.6, false)]
    public async Task A_body_that_waited_for_long_is_not_sent(double seconds, bool sent)
    {
        var time = new FakeTimeProvider();
        using var content = new TimelyContent(new byte[] { 1, 2 }, TimeSpan.FromSeconds(1.5), time);
        Assert.Equal(2, content.Headers.ContentLength);
        time.Advance(TimeSpan.FromSeconds(seconds));
        using var wire = new MemoryStream();
        if (sent)
            await content.CopyToAsync(wire, Token);
        else
            await Assert.ThrowsAsync<TooLateException>(() => content.CopyToAsync(wire, Token));
        Assert.Equal(sent ? 2 : 0, wire.Length);
    }

    [Fact]
    public async Task A_call_that_waited_behind_others_is_not_placed_and_its_caller_knows()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var rig = await AriRig.StartAsync(
            o => o with { Transport = AriTransport.Http, HttpConnections = 1, SendWithin = TimeSpan.FromMilliseconds(200) });
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Fake.Intercept = request =>
        {
            if (request.Path != "bridges/held")
                return null;
            asked.TrySetResult();
            // The one connection is taken for as long.
            held.Task.Wait(TimeSpan.FromSeconds(5));
            return FakeReply.NoContent;
        };
        var first = rig.Connection.Bridges.DestroyAsync("held", Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(5), Token);
        var second = rig.CallAsync("79990000001");
        await Task.Delay(TimeSpan.FromMilliseconds(400), Token);
        held.SetResult();
        await first;
        var error = (await second).Error!;
        Assert.Equal((AriErrorKind.Timeout, true), (error.Kind, error.NotSent));
        Assert.Empty(rig.Fake.Originates);
        Assert.True((await rig.CallAsync("79990000001")).IsSuccess);
    }
}
