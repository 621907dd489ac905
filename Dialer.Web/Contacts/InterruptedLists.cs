using System.Net.Sockets;
using Dialer.Storage.Contacts.Lists;
using Npgsql;

namespace Dialer.Web.Contacts;

/// <summary>Tells of uploads whose web process died while it read them: without this they would be «reading» for ever.</summary>
internal sealed class InterruptedLists(ListQueries lists, TimeProvider time, ILogger<InterruptedLists> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await lists.FailInterruptedAsync(stoppingToken) is > 0 and var count)
                    logger.LogWarning("{Count} uploads were interrupted and changed nothing; they are marked as failed", count);
            }
            // The next round tries again.
            catch (Exception e) when (e is NpgsqlException or TimeoutException or SocketException)
            {
                logger.LogDebug(e, "Interrupted uploads could not be looked for");
            }
        }
    }
}
