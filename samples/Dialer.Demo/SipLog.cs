using Dialer.Tests.Infrastructure;

namespace Dialer.Demo;

/// <summary>
/// The network's log of SIP messages, by which lines are counted: its log of calls has an end a moment after the message that freed the line, when the next
/// call may have come. It grows for as long as the network runs, so it ends with the demo, however that ends.
/// </summary>
public sealed class SipLog(SimulatedNetwork network) : IAsyncDisposable
{
    private bool _hasBegun;

    /// <summary>Begins it, and cannot be interrupted: what is half begun could not be ended.</summary>
    public Task BeginAsync()
    {
        _hasBegun = true;
        return network.RunAsync(["siplog", network.SipLogFile], CancellationToken.None);
    }

    /// <summary>Ends it, and returns every call since its beginning.</summary>
    public async Task<IReadOnlyList<SipCall>> EndAsync()
    {
        await network.RunAsync(["endsiplog"], CancellationToken.None);
        _hasBegun = false;
        return SipCall.ReadLog(network.SipLogFile);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_hasBegun)
        {
            return;
        }

        try
        {
            await network.RunAsync(["endsiplog"], CancellationToken.None);
        }
        catch (InvalidOperationException failure)
        {
            // Why the demo ends is another matter; and a network that is gone writes nothing.
            await Console.Error.WriteLineAsync(failure.Message);
        }
    }
}
