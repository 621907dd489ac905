using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace Dialer.Benchmarks.Installation;

/// <summary>Has another .NET process collect all of its garbage, so that what is left is alive.</summary>
internal static class FullCollection
{
    // A session that asks for these events begins with a collection of everything.
    private const long HeapCollect = 0x80_0000;
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private static readonly TimeSpan Collecting = TimeSpan.FromSeconds(2);

    /// <summary>Comes back when it is done.</summary>
    public static async Task RunAsync(int process, CancellationToken cancellationToken)
    {
        using var session = await new DiagnosticsClient(process).StartEventPipeSessionAsync(
            [new EventPipeProvider(Runtime, EventLevel.Informational, HeapCollect)], requestRundown: false, token: cancellationToken);
        var read = session.EventStream.CopyToAsync(Stream.Null, cancellationToken);
        await Task.Delay(Collecting, cancellationToken);
        await session.StopAsync(cancellationToken);
        await read;
    }
}
