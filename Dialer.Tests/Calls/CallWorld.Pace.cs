using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.TestingHost;

namespace Dialer.Tests.Calls;

/// <summary>How fast this world's time may pass.</summary>
public sealed partial class CallWorld
{
    private static readonly TimeSpan SilosPatience = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Waits until each silo has done what it had to do before a call that is made now. The clock goes twenty times as fast as real time:
    /// where silos lack CPU time it would run away from them, and an order of half a second ago be ten seconds old and stale. After a
    /// quarter of a second it goes on all the same, which is no faster than real time: a silo may be ending.
    /// </summary>
    private Task SilosKeepUpAsync() => Task.WhenAll(Cluster.Silos.Select(AnswerAsync)).WaitAsync(SilosPatience, TimeProvider.System, Ct);

    private static async Task AnswerAsync(InProcessSiloHandle silo) =>
        await silo.ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IEchoGrain>(0).Answer();
}

/// <summary>Answers on the silo that asks.</summary>
public interface IEchoGrain : IGrainWithIntegerKey
{
    Task Answer();
}

[StatelessWorker]
public sealed class EchoGrain : Grain, IEchoGrain
{
    public Task Answer() => Task.CompletedTask;
}
