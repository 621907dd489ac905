using System.Reflection;
using Dialer.Tests.Infrastructure;
using Dialer.Web.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Xunit;

namespace Dialer.Tests.Rest;

public sealed class ClusterProbeTests
{
    public static TheoryData<Exception> Failures =>
    [
        new SiloUnavailableException(),
        // A silo says so of what it was about to pass on to one that dies.
        new OperationCanceledException(),
        new NotSupportedException("Whatever else."),
    ];

    [Theory, MemberData(nameof(Failures))]
    public async Task It_knocks_until_somebody_answers_whatever_comes_back(Exception failure)
    {
        var clock = new FakeTimeProvider();
        var connection = new ClusterConnection();
        await new Lifecycle(connection).StartAsync();
        connection.GatewaysChanged(0);
        var client = DispatchProxy.Create<IClusterClient, Nobody>();
        ((Nobody)client).Failure = failure;
        using var probe = new ClusterProbe(connection, client, clock);
        await probe.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.SeeAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return ((Nobody)client).Asked >= 3 ? "knocked" : null;
            },
            "three knocks",
            TimeSpan.FromSeconds(10));
        await probe.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(probe.ExecuteTask!.IsCompletedSuccessfully);
    }

    /// <summary>A client whose grains fail.</summary>
    public class Nobody : DispatchProxy
    {
        private int _asked;

        public Exception Failure { get; set; } = null!;

        public int Asked => Volatile.Read(ref _asked);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Interlocked.Increment(ref _asked);
            throw Failure;
        }
    }

    /// <summary>Starts who takes part in the life of a client.</summary>
    private sealed class Lifecycle : IClusterClientLifecycle
    {
        private readonly List<ILifecycleObserver> _observers = [];

        public Lifecycle(ILifecycleParticipant<IClusterClientLifecycle> participant) => participant.Participate(this);

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            _observers.Add(observer);
            return new MemoryStream();
        }

        public Task StartAsync() => Task.WhenAll(_observers.Select(observer => observer.OnStart(CancellationToken.None)));
    }
}
