using System.Buffers.Binary;
using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Dialer.Silo.Hosting;

/// <summary>
/// Which work is traced: that for attempts, all of it or a share of them. The choice is made by the random end of the attempt's id, so every
/// silo makes the same and a trace is whole or not there. (The ratio sampler of OpenTelemetry looks at the beginning, which is the time.)
/// What begins without an attempt (watchdogs, reconciliation) is never traced.
/// </summary>
public sealed class AttemptSampler : Sampler
{
    private const ulong Random = (1UL << 56) - 1;
    private readonly ulong _below;

    /// <param name="share">From 0 (none) to 1 (all).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is neither.</exception>
    public AttemptSampler(double share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        _below = (ulong)(share * (Random + 1));
        Description = $"{nameof(AttemptSampler)}{{{share}}}";
    }

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        // A trace without a span before this one is how the trace of an attempt begins (AttemptTraces).
        var wanted = parent.SpanId == default
            ? parent.TraceId != default && IsWithinShare(parent.TraceId)
            : parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        return new SamplingResult(wanted ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }

    private bool IsWithinShare(ActivityTraceId trace)
    {
        Span<byte> bytes = stackalloc byte[16];
        trace.CopyTo(bytes);
        return (BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) & Random) < _below;
    }
}
