using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dialer.Ari.Transport;

namespace Dialer.Ari;

/// <summary>
/// What this library tells about itself, by the means of .NET alone: a span and a duration for each request, and how often connections
/// came and went. Nothing is measured while nobody listens. Paths are shown without ids and queries, so no number is ever among them.
/// </summary>
public static class AriTelemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string Name = "Dialer.Ari";

    private static readonly ActivitySource s_source = new(Name);
    private static readonly Meter s_meter = new(Name);
    private static readonly Histogram<double> s_requests = s_meter.CreateHistogram(
        "request_seconds", "s", "From a request to its answer, by what was asked for and how it ended.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });

    private static readonly Counter<long> s_connects = s_meter.CreateCounter<long>("connects", description: "Event sockets that were opened.");
    private static readonly Counter<long> s_losses = s_meter.CreateCounter<long>("losses", description: "Event sockets that ended without our doing.");

    /// <summary>Whether anybody wants to know of requests.</summary>
    internal static bool IsWatched => s_requests.Enabled || s_source.HasListeners();

    /// <summary>Sends a request and tells how it went.</summary>
    internal static async Task<AriReply> WatchAsync(IRequestTransport transport, AriRequest request, string server, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var kind = KindOf(request);
        using var span = s_source.StartActivity(kind, ActivityKind.Client);
        span?.SetTag("server.address", server);
        var began = Stopwatch.GetTimestamp();
        var reply = await transport.SendAsync(request, timeout, cancellationToken);
        var outcome = OutcomeOf(reply);
        s_requests.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, new("request", kind), new("outcome", outcome), new("server", server));
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.response.status_code", reply.Status);
            // «Not there any more» is routine.
            if (outcome is not ("ok" or nameof(AriErrorKind.NotFound)))
            {
                span.SetStatus(ActivityStatusCode.Error, outcome);
            }
        }

        return reply;
    }

    internal static void Connected(string server)
    {
        var label = new KeyValuePair<string, object?>("server", server);
        s_connects.Add(1, label);
        // Shown before the first: a counter that appears with one on it shows no increase.
        s_losses.Add(0, label);
    }

    internal static void Lost(string server) => s_losses.Add(1, new KeyValuePair<string, object?>("server", server));

    /// <summary>Method and path without what is different in each call: <c>POST channels/{id}/play</c>.</summary>
    internal static string KindOf(in AriRequest request)
    {
        var parts = request.Path.Split('/');
        return (parts[0], parts.Length) switch
        {
            (_, 1) => $"{request.Method} {parts[0]}",
            ("asterisk", _) => $"{request.Method} asterisk/{parts[1]}",
            ("endpoints", _) or (_, 2) => $"{request.Method} {parts[0]}/{{id}}",
            _ => $"{request.Method} {parts[0]}/{{id}}/{parts[2]}",
        };
    }

    private static string OutcomeOf(in AriReply reply) =>
        reply.Error is { } error ? error.Kind.ToString() : reply.Status is >= 200 and < 300 ? "ok" : AriError.KindOf(reply.Status).ToString();
}
