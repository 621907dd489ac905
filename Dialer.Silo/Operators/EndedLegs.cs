using Dialer.Storage.Operators;

namespace Dialer.Silo.Operators;

/// <summary>Throws away what is written of operators' mobiles that hung up long ago: it only kept a late order from calling them twice.</summary>
internal sealed class EndedLegs(OperatorLegs legs, TimeProvider time, ILogger<EndedLegs> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // No order is that late.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await legs.ForgetAsync(time.GetUtcNow() - Kept, stoppingToken);
            }
            // The database may be away; the next hour tries again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("Operators' calls of yesterday can't be thrown away: {Reason}", e.Message);
            }
        }
    }
}
