using System.Threading.Channels;
using Dialer.Grains.Calls;
using Dialer.Grains.Nodes;
using Dialer.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>Events reach their call in order, and as few grain calls as can be carry them.</summary>
public sealed class EventRouterTests
{
    private const string Call = "call";

    private readonly FakeTimeProvider _time = new();
    private readonly Channel<IReadOnlyList<CallEvent>> _delivered = Channel.CreateUnbounded<IReadOnlyList<CallEvent>>();
    private readonly EventRouter _router;
    private int _failures;
    private volatile bool _hasDelivered;

    public EventRouterTests() => _router = new EventRouter(Deliver, _time, NullLogger.Instance);

    [Fact]
    public async Task What_announces_an_event_travels_with_it()
    {
        Route(CallEventKind.Up);
        Route(CallEventKind.Dial, "ANSWER");
        Assert.False(_delivered.Reader.TryPeek(out _));
        Route(CallEventKind.Entered);
        Assert.Equal([CallEventKind.Up, CallEventKind.Dial, CallEventKind.Entered], await NextAsync());
        Route(CallEventKind.HangupRequested);
        Route(CallEventKind.Destroyed);
        Assert.Equal([CallEventKind.HangupRequested, CallEventKind.Destroyed], await NextAsync());
    }

    [Fact]
    public async Task Ringing_is_told_at_once()
    {
        Route(CallEventKind.Dial, "RINGING");
        Assert.Equal([CallEventKind.Dial], await NextAsync());
    }

    [Fact]
    public async Task What_must_not_be_taken_twice_is_the_last_of_its_delivery()
    {
        Route(CallEventKind.HangupRequested);
        _failures = 1;
        Route(CallEventKind.Key);
        Route(CallEventKind.Key);
        Route(CallEventKind.PlaybackFinished);
        Route(CallEventKind.Destroyed);
        Assert.Equal([CallEventKind.HangupRequested, CallEventKind.Key], await NextAsync());
        Assert.Equal([CallEventKind.Key], await NextAsync());
        Assert.Equal([CallEventKind.PlaybackFinished], await NextAsync());
        Assert.Equal([CallEventKind.Destroyed], await NextAsync());
    }

    [Fact]
    public async Task An_announcement_whose_event_was_lost_is_delivered_in_the_end_and_leaves_nothing_behind()
    {
        Route(CallEventKind.HangupRequested);
        Assert.Equal(1, _router.Lanes);
        _router.DeliverAnnouncements();
        Assert.Equal([CallEventKind.HangupRequested], await NextAsync());
        await Eventually.SeeAsync(() => Task.FromResult(_router.Lanes == 0 ? this : null), "the end of the lane", TimeSpan.FromSeconds(10));
    }

    private void Route(CallEventKind kind, string? text = null) => _router.Route(Call, new CallEvent(kind, Call, _time.GetUtcNow(), text));

    private Task Deliver(string key, IReadOnlyList<CallEvent> events)
    {
        if (_failures-- > 0)
        {
            _ = Task.Run(async () =>
            {
                // The pause before the second attempt.
                while (!_hasDelivered)
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    await Task.Yield();
                }
            });
            throw new TimeoutException("The first delivery fails.");
        }

        Assert.Equal(Call, key);
        _hasDelivered = true;
        _delivered.Writer.TryWrite(events);
        return Task.CompletedTask;
    }

    private async Task<IEnumerable<CallEventKind>> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return (await _delivered.Reader.ReadAsync(patience.Token)).Select(e => e.Kind);
    }
}
