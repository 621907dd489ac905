using System.Globalization;
using Dialer.Benchmarks.Calls;
using Npgsql;

namespace Dialer.Benchmarks.Sizes;

/// <summary>What campaigns cost that have nothing to do.</summary>
/// <param name="PerSecond">Statements.</param>
/// <param name="SiloCores">CPU of the silo, in cores.</param>
/// <param name="PostgresCores">CPU of PostgreSQL, in cores.</param>
/// <param name="MostFrequent">Which statements.</param>
internal sealed record IdleFigures(double PerSecond, double SiloCores, double PostgresCores, string MostFrequent)
{
    public static async Task<IdleFigures> MeasureAsync(
        FakeInstallation installation, NpgsqlDataSource database, TimeSpan length, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        await Statements.ResetAsync(database, cancellationToken);
        var before = CallCpu.Now(installation);
        await Task.Delay(length, cancellationToken);
        var used = CallCpu.Now(installation) - before;
        var all = await Statements.OfAsync(database, "%", cancellationToken);
        return new IdleFigures(
            all.Calls / length.TotalSeconds, used.Silo / length.TotalMilliseconds, used.Postgres / length.TotalMilliseconds,
            await Statements.MostFrequentAsync(database, length, cancellationToken));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{PerSecond:0.0} statements/s ({MostFrequent}); silo {SiloCores:0.000} and PostgreSQL {PostgresCores:0.000} of a core");
}
