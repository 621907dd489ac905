using Dialer.Benchmarks.Installation;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>Who makes calls, one after the other, over the same Asterisks, trunk, lines and subscribers; counted in the network's own log.</summary>
/// <param name="installation">Its campaign has enough people for all times that the dialer calls.</param>
/// <param name="lines">How many calls each keeps going.</param>
/// <param name="rampUp">Until all lines are in use.</param>
/// <param name="length">What is measured.</param>
internal sealed class Contest(CallingInstallation installation, int lines, TimeSpan rampUp, TimeSpan length)
{
    /// <summary>The least that calls can cost over ARI.</summary>
    /// <param name="silence">How long after the last sound they are hung up; null where they hang up themselves.</param>
    public async Task<Showing> BareAsync(string behaviour, IReadOnlyList<string> media, TimeSpan? silence, CancellationToken cancellationToken)
    {
        await using var bare = new BareLoop(installation.Pair.Pbx, behaviour, media, silence);
        return await MeasureAsync(bare.RunAsync(lines, rampUp + length, cancellationToken), cancellationToken);
    }

    /// <summary>The whole dialer.</summary>
    public async Task<Showing> DialerAsync(CancellationToken cancellationToken) => await MeasureAsync(CallAsync(rampUp + length, cancellationToken), cancellationToken);

    /// <summary>Call files in the spool folder.</summary>
    public async Task<Showing> CallFilesAsync(string behaviour, string application, string data, CancellationToken cancellationToken)
    {
        using var files = await CallFiles.StartAsync(installation.Pair.Pbx, behaviour, application, data, cancellationToken);
        return await MeasureAsync(files.RunAsync(lines, rampUp + length, cancellationToken), cancellationToken);
    }

    /// <summary>Has the dialer call for so long, and waits for the end of its last call.</summary>
    public async Task CallAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await installation.StartCallingAsync(cancellationToken);
        await Task.Delay(time, cancellationToken);
        await installation.PauseAsync(cancellationToken);
        await installation.IdleAsync(cancellationToken);
    }

    private async Task<Showing> MeasureAsync(Task calling, CancellationToken cancellationToken)
    {
        await Task.Delay(rampUp, cancellationToken);
        var (from, before) = (TimeProvider.System.GetUtcNow(), PairCpu.Now(installation));
        await Task.Delay(length, cancellationToken);
        var (to, used) = (TimeProvider.System.GetUtcNow(), PairCpu.Now(installation) - before);
        await calling;
        return Showing.Of(installation.Pair.Calls(), from, to, used);
    }
}
