using Dialer.Silo.Hosting;
using Dialer.Storage.Calls;
using Dialer.Storage.Operators;

namespace Dialer.Silo.Upkeep;

/// <summary>
/// Throws away each hour what nobody needs any more: operators' calls that ended long ago (they only kept a late order from calling them
/// twice), and attempts that are older than they are to be kept.
/// </summary>
internal sealed partial class OldRows(OperatorLegs legs, OldAttempts attempts, SiloSettings settings, TimeProvider time, ILogger<OldRows> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // No order is that late.
    private static readonly TimeSpan LegsAreKept = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await legs.ForgetAsync(time.GetUtcNow() - LegsAreKept, stoppingToken);
                if (settings.KeepAttempts is { } kept && await attempts.ForgetAsync(time.GetUtcNow() - kept, stoppingToken) is > 0 and var gone)
                    LogGone(gone, kept);
            }
            // The database may be away; the next hour tries again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotGone(e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Attempts} attempts are older than {Kept} and were thrown away")]
    private partial void LogGone(long attempts, TimeSpan kept);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is old can't be thrown away, the next hour tries again: {Reason}")]
    private partial void LogNotGone(string reason);
}
