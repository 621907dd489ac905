using System.Collections.Concurrent;
using System.Diagnostics;
using Dialer.Ari;
using Dialer.Grains.Calls;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Silo.Hosting;
using Dialer.Storage.Calls;
using Dialer.Tests.Calls;
using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using OpenTelemetry.Trace;
using Xunit;

namespace Dialer.Tests.Watching;

/// <summary>One attempt, one trace: from the claim to the verdict, over two silos, Asterisk and the database.</summary>
[Collection(CallWorldCollection.Calls)]
public sealed class TraceTests(PrivatePostgres postgres) : IAsyncLifetime
{
    private const string Person = "79161110001";
    private static readonly string[] Sources = [AttemptTraces.SourceName, AriTelemetry.Name, "Microsoft.Orleans.Application", "Npgsql"];
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener = new();
    private CallWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await CallWorld.CreateAsync(postgres);
        _world.Asterisk.PlaybackDuration = _ => null;
        // Like the sampler of a silo: what no attempt began is not traced.
        _listener.ShouldListenTo = source => Sources.Contains(source.Name);
        _listener.Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            options.Parent.TraceId == default ? ActivitySamplingResult.None : ActivitySamplingResult.AllDataAndRecorded;
        _listener.ActivityStopped = _spans.Enqueue;
        ActivitySource.AddActivityListener(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_one_tree_of_spans_from_its_claim_to_its_verdict()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers(TimeSpan.FromSeconds(3)).HangsUpAfter(TimeSpan.FromSeconds(12));
        await CallAsync();
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();

        var trace = await TraceAsync();
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "attempt", "claim", "wait for a line", "write attempt", "commit start", "place", "POST channels", "ringing", "event Entered", "step",
                "POST channels/{id}/play", "event Destroyed", "end", "commit end",
            },
            trace.Select(s => s.OperationName).ToHashSet(StringComparer.Ordinal));
        Assert.Contains(trace, s => s.Source.Name == "Npgsql");
        Assert.Contains(trace, s => s.Source.Name == "Microsoft.Orleans.Application");
        Assert.Equal("Success", trace.Single(s => s.OperationName == "end").GetTagItem("dialer.verdict"));

        // One tree: every span but the first hangs on another of the trace (what TraceAsync waits for).
        Assert.Equal("attempt", Assert.Single(trace, s => s.ParentSpanId == default).OperationName);
        Assert.All(trace, s => Assert.DoesNotContain(s.TagObjects, t => t.Value?.ToString()?.Contains(Person, StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task What_comes_after_a_lost_grain_stands_in_the_same_trace()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Answers().HangsUpAfter(TimeSpan.FromSeconds(12));
        await CallAsync();
        await _world.PassUntilAsync(async () => await _world.AskAsync<long>("select count(*) from attempt where step like '100@%'") == 1, "a step that is written");
        await _world.Cluster.DeactivateAsync(_world.Grains.GetGrain<ICallGrain>(_world.Asterisk.Originates[0].ChannelId));
        var before = _spans.Count;
        Assert.Equal([Verdict.Success], await _world.VerdictsAsync(1));
        await _world.NothingIsLeftAsync();

        var attempt = Assert.Single(await _world.AttemptsAsync()).Id;
        // The span ends a moment after what it is about is stored.
        await CallWorld.SeeAsync(
            () => _spans.Skip(before).Any(s => s.OperationName == "end" && s.TraceId == AttemptTraces.TraceOf(attempt)), "the end in the attempt's trace");
    }

    [Fact]
    public async Task Calls_that_are_written_together_are_linked_with_the_statement_that_carried_them()
    {
        _world.Asterisk.DefaultSubscriber = Subscriber.Busy();
        await _world.MoveInAsync(lines: 5);
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0, Trunks = [new("main", 5)] });
        await _world.UploadAsync([.. Enumerable.Range(1, 40).Select(n => $"Person {n},7916111{n:0000}")]);
        await _world.VerdictsAsync(40);
        await _world.NothingIsLeftAsync();

        // A listener hears the whole process: others call meanwhile.
        var ours = (await _world.AttemptsAsync()).Select(a => AttemptTraces.TraceOf(a.Id)).ToHashSet();
        // Spans end a moment after what they are about is stored.
        await CallWorld.SeeAsync(() => TracesWith("attempt") == 40 && TracesWith("end") == 40 && _spans.Any(IsOurCarrier), "all spans of 40 attempts");
        var spans = _spans.Where(s => ours.Contains(s.TraceId)).ToList();
        var carrier = spans.First(IsOurCarrier);
        var link = carrier.Links.First().Context;
        Assert.NotEqual(carrier.TraceId, link.TraceId);
        Assert.Contains(spans, s => s.SpanId == link.SpanId && s.Links.Any(l => l.Context.SpanId == carrier.SpanId));
        Assert.Equal(40, TracesWith("attempt"));

        int TracesWith(string name) => _spans.Where(s => s.OperationName == name && ours.Contains(s.TraceId)).Select(s => s.TraceId).Distinct().Count();

        bool IsOurCarrier(Activity s) => s.OperationName is "commit start" or "commit end" && s.Links.Any() && ours.Contains(s.TraceId);
    }

    private async Task CallAsync()
    {
        await _world.MoveInAsync(5, 1000, ("100", new Playback { Audio = "greeting" }));
        await _world.Campaign().Put(CallWorld.Debts with { Retries = 0 });
        await _world.UploadAsync($"Anna,{Person}");
    }

    private async Task<List<Activity>> TraceAsync()
    {
        var id = AttemptTraces.TraceOf(Assert.Single(await _world.AttemptsAsync()).Id);
        await CallWorld.SeeAsync(() => IsWhole([.. _spans.Where(s => s.TraceId == id)]), "a trace with its last event and its end, all of whose spans have ended");
        return [.. _spans.Where(s => s.TraceId == id)];
    }

    private static bool IsWhole(List<Activity> trace)
    {
        var ids = trace.Select(s => s.SpanId).ToHashSet();
        return trace.Select(s => s.OperationName).Intersect(["event Destroyed", "end", "commit end"], StringComparer.Ordinal).Count() == 3
            && trace.All(s => s.ParentSpanId == default || ids.Contains(s.ParentSpanId));
    }
}

/// <summary>Which attempts are traced where only a share of them is.</summary>
public sealed class AttemptSamplerTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.1, 150, 250)]
    [InlineData(1, 2000, 2000)]
    public void A_share_of_the_attempts_is_traced_each_as_a_whole(double share, int least, int most)
    {
        var sampler = new AttemptSampler(share);
        // As trunks make them: all of one moment.
        var attempts = Enumerable.Range(0, 2000).Select(_ => AttemptTraces.TraceOf(Guid.CreateVersion7())).ToList();
        Assert.InRange(attempts.Count(id => Wants(sampler, new ActivityContext(id, default, ActivityTraceFlags.None))), least, most);
        var span = ActivitySpanId.CreateRandom();
        Assert.All(attempts, id => Assert.True(Wants(sampler, new ActivityContext(id, span, ActivityTraceFlags.Recorded))));
        Assert.All(attempts, id => Assert.False(Wants(sampler, new ActivityContext(id, span, ActivityTraceFlags.None))));
    }

    [Fact]
    public void What_begins_without_an_attempt_is_not_traced() => Assert.False(Wants(new AttemptSampler(1), default));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void A_share_lies_between_none_and_all(double share) => Assert.Throws<ArgumentOutOfRangeException>(() => new AttemptSampler(share));

    private static bool Wants(AttemptSampler sampler, ActivityContext parent) =>
        sampler.ShouldSample(new SamplingParameters(parent, parent.TraceId, "example", ActivityKind.Internal)).Decision == SamplingDecision.RecordAndSample;
}
