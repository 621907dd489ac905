using Dialer.Storage.Contacts.Lists;

namespace Dialer.Silo.Contacts;

/// <summary>Says of uploads whose process died that they failed; nobody else is left to say it. They have changed nothing.</summary>
internal sealed class InterruptedLists(ListQueries lists, TimeProvider time, ILogger<InterruptedLists> logger) : BackgroundService
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
