using Dialer.Storage.Contacts.Lists;

namespace Dialer.Silo.Contacts;

/// <summary>
/// Says of uploads whose process died that they failed; nobody else is left to say it. They have changed nothing. Where a list was in
/// force already, what it replaced is cleared away.
/// </summary>
internal sealed class InterruptedLists(ListQueries lists, ListSettlement settlement, TimeProvider time, ILogger<InterruptedLists> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await lists.FailInterruptedAsync(stoppingToken);
                await settlement.FinishAsync(stoppingToken);
            }
            // The database may be away; the next round tries again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("Interrupted uploads can't be looked for: {Reason}", e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
