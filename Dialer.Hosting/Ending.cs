using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dialer.Hosting;

/// <summary>Ends a process that was told to (SIGTERM, SIGINT) where its host would not, or not in time.</summary>
public static class Ending
{
    /// <summary>
    /// A process that is still starting ends at once: it has nothing to hand over yet, and the host would report each service that it interrupts as a
    /// failure, with its stack trace. One that has started ends after <paramref name="longest"/> at the latest, as if it were killed.
    /// </summary>
    /// <param name="services">Of the process.</param>
    /// <param name="longest">Longer than the host takes for an orderly end, and shorter than whoever runs it waits before the kill.</param>
    public static IServiceCollection EndInTime(this IServiceCollection services, TimeSpan longest) => services.AddHostedService(provider =>
        new EndingInTime(longest, provider, provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<ILogger<EndingInTime>>()));
}

internal sealed partial class EndingInTime(TimeSpan longest, IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<EndingInTime> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly List<PosixSignalRegistration> _watches = [];

    /// <summary>Before anything starts, and after the host has begun to watch for the same signals: the latest handler is called first.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _watches.AddRange(new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT }.Select(signal => PosixSignalRegistration.Create(signal, _ => Told(signal))));
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var watch in _watches)
            watch.Dispose();
    }

    private void Told(PosixSignal signal)
    {
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            LogStillStarting();
            End(signal);
        }

        // Not a timer: who waits for a database that does not answer may hold all threads of the pool.
        new Thread(() =>
        {
            Thread.Sleep(longest);
            LogTookTooLong(longest);
            End(signal);
        })
        { IsBackground = true }.Start();
    }

    private void End(PosixSignal signal)
    {
        // Loggers write what they have left when they are disposed.
        foreach (var provider in services.GetServices<ILoggerProvider>())
            provider.Dispose();
        // As a shell and systemd say it of a process that a signal ended: 128 and its number.
        Environment.Exit(128 + (signal == PosixSignal.SIGTERM ? 15 : 2));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Told to end while it was starting: it ends at once.")]
    private partial void LogStillStarting();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Told to end {Longest} ago, and something still waits (for a database that does not answer?): it ends as if it were killed. Nothing is lost by that.")]
    private partial void LogTookTooLong(TimeSpan longest);
}
