using System.Globalization;
using System.Runtime.InteropServices;
using Dialer.Benchmarks.Imports;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    switch (args)
    {
        case ["import", .. var rest]:
            await ImportBenchmark.RunAsync(Number(rest, 0, 1_000_000), Console.Out, stop.Token);
            break;
        default:
            await Console.Error.WriteLineAsync(
                """
                ./dialer bench import [ROWS]
                """);
            return 2;
    }

    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 1;
}
catch (Exception failure) when (failure is HttpRequestException or InvalidOperationException or TimeoutException)
{
    await Console.Error.WriteLineAsync($"The benchmark could not go on: {failure.Message}");
    return 1;
}

static int Number(string[] arguments, int at, int otherwise) =>
    arguments.Length > at ? int.Parse(arguments[at], CultureInfo.InvariantCulture) : otherwise;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
