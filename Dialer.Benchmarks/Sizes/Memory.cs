using System.Globalization;
using Dialer.Benchmarks.Installation;

namespace Dialer.Benchmarks.Sizes;

/// <summary>The silo's memory when nobody is called.</summary>
/// <param name="Waiting">Contacts that wait in all campaigns.</param>
/// <param name="ResidentMb">Physical memory of the process.</param>
/// <param name="HeapMb">Objects on the heap, those that are garbage by now included.</param>
internal sealed record Memory(long Waiting, double ResidentMb, double HeapMb)
{
    public static async Task<Memory> SettledAsync(DialerInstallation dialer, long waiting, TimeSpan settling, CancellationToken cancellationToken)
    {
        await Task.Delay(settling, cancellationToken);
        var figures = await SiloFigures.ReadAsync(dialer, cancellationToken);
        return new Memory(waiting, ProcessFigures.MemoryMb(dialer.Silo), figures.HeapMb);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{ResidentMb:0} MB, heap {HeapMb:0} MB");
}
