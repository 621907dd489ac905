using System.Globalization;
using System.Runtime.InteropServices;
using Dialer.Benchmarks.Calls;
using Dialer.Benchmarks.Imports;
using Dialer.Benchmarks.Sizes;

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
        case ["replace", .. var rest]:
            await ReplaceBenchmark.RunAsync(Number(rest, 0, 1_000_000), Console.Out, stop.Token);
            break;
        case ["calls", .. var rest]:
            await CallsBenchmark.RunAsync(Number(rest, 0, 400), Number(rest, 1, 20), Console.Out, stop.Token);
            break;
        case ["audio", .. var rest]:
            await AudioBenchmark.RunAsync(Number(rest, 0, 220), Number(rest, 1, 30), Console.Out, stop.Token);
            break;
        case ["limit", .. var rest]:
            await LimitBenchmark.RunAsync(Number(rest, 0, 500), Number(rest, 1, 20), Console.Out, stop.Token);
            break;
        case ["soak", .. var rest]:
            return await SoakBenchmark.RunAsync(Number(rest, 0, 1_000_000), Console.Out, stop.Token) ? 0 : 1;
        case ["scale", .. var rest]:
            await ScaleBenchmark.RunAsync(Number(rest, 0, 30), Number(rest, 1, 15), Console.Out, stop.Token);
            break;
        case ["size", .. var rest]:
            await SizeBenchmark.RunAsync(
                Number(rest, 0, 10_000_000), Number(rest, 1, 10), rest is [_, _, var part] ? part : "all", Console.Out, stop.Token);
            break;
        case ["lines", .. var rest]:
            await LinesBenchmark.RunAsync(Number(rest, 0, 30), Number(rest, 1, 40), Console.Out, stop.Token);
            break;
        case ["latency", .. var rest]:
            await LatencyBenchmark.RunAsync(Number(rest, 0, 30), Number(rest, 1, 45), Console.Out, stop.Token);
            break;
        default:
            await Console.Error.WriteLineAsync(
                """
                ./dialer bench import [ROWS]              a list through REST, beside psql's \copy
                ./dialer bench replace [ROWS]             calls that go on while a list replaces another
                ./dialer bench calls [LINES] [SECONDS]    calls per second, beside a bare ARI loop and call files
                ./dialer bench audio [LINES] [SECONDS]    the same with the scenario's sound
                ./dialer bench limit [LINES] [SECONDS]    the dialer's own limit, against a fake Asterisk
                ./dialer bench soak [CALLS]               a million calls, and whether anything grows
                ./dialer bench scale [PERCENT] [SECONDS]  1, 2 and 4 silos that have so much of a core each
                ./dialer bench size [LARGEST] [SECONDS] [all|one|many|reads]  what many contacts, campaigns and attempts cost
                ./dialer bench lines [LINES] [SECONDS]    how full the lines are, and how soon a freed one is used again
                ./dialer bench latency [LINES] [SECONDS]  answer to first sound, key to operator ringing
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
    arguments.Length <= at ? otherwise
    : int.TryParse(arguments[at], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
    : throw new InvalidOperationException($"'{arguments[at]}' is in the place of a number of 1 or more; ./dialer bench shows what each benchmark takes.");

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
