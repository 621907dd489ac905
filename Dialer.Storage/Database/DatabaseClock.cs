using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>Keeps <see cref="DatabaseTime"/> right: at the start of a host, and then every ten seconds.</summary>
public sealed partial class DatabaseClock(DatabaseTime time, NpgsqlDataSource database, ILogger<DatabaseClock> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WorthSaying = TimeSpan.FromSeconds(1);

    /// <summary>The first look comes before whatever a host starts after this.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Look(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Look(stoppingToken);
    }

    private async Task Look(CancellationToken cancellationToken)
    {
        try
        {
            var set = await time.LookAsync(database, cancellationToken);
            if (set.Duration() >= WorthSaying)
                LogSet(set.TotalSeconds);
        }
        // The time goes on without the database; the next round looks again.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is NpgsqlException or SocketException or TimeoutException or OperationCanceledException)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "The time was set by {Seconds:0.0} s: the clock of this machine and that of the database differ")]
    private partial void LogSet(double seconds);
}

/// <summary>Gives a host the time of the database.</summary>
public static class DatabaseTimeRegistration
{
    /// <summary>Registers <see cref="DatabaseTime"/>, also as the host's <see cref="TimeProvider"/>, and what keeps it right.</summary>
    public static IServiceCollection AddDatabaseTime(this IServiceCollection services)
    {
        var time = new DatabaseTime();
        return services.AddSingleton(time).AddSingleton<TimeProvider>(time).AddHostedService<DatabaseClock>();
    }
}
