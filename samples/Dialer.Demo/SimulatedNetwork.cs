using System.Diagnostics;
using System.Globalization;
using Dialer.Tests.Infrastructure;

namespace Dialer.Demo;

/// <summary>The telephone network of the demo: its phones, its logs, and what its people heard.</summary>
public sealed class SimulatedNetwork(string folder, string scripts)
{
    public int SipPort => int.Parse(
        File.ReadLines(Path.Combine(folder, "settings")).Single(line => line.StartsWith("sip=", StringComparison.Ordinal))[4..], CultureInfo.InvariantCulture);

    /// <summary>Every call that ended since the network started, earlier demos' too.</summary>
    public IReadOnlyList<NetworkCall> Calls() => NetworkCall.ReadLog(Path.Combine(folder, "log", "cdr-custom", "calls.csv"));

    /// <summary>Where its SIP messages are kept (<see cref="SipLog"/>).</summary>
    public string SipLogFile => Path.Combine(folder, "log", "sip.pcap");

    /// <summary>What was heard in a call; null when nothing was recorded.</summary>
    public Recording? Heard(NetworkCall call) =>
        Path.Combine(folder, "heard", $"{call.Number}-{call.Id}.wav") is var path && File.Exists(path) ? Recording.Read(path) : null;

    /// <summary>Registers an operator's phone at the dialer's Asterisk.</summary>
    public Task AddPhoneAsync(string id, string password, int pbxSipPort, CancellationToken cancellationToken) =>
        RunAsync(["phone", id, password, "127.0.0.1", pbxSipPort.ToString(CultureInfo.InvariantCulture)], cancellationToken);

    /// <summary>Runs <c>network.sh</c>.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(scripts, "network.sh"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        start.Environment["DIALER_NETWORK"] = folder;
        using var process = Process.Start(start)!;
        var complaint = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"network.sh {arguments[0]} failed: {complaint}");
        }
    }
}
