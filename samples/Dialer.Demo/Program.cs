using System.Runtime.InteropServices;
using Dialer.Demo;

var options = Options.Parse(args);
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    using var api = new DialerApi(options.Web, options.ApiKey);
    var network = new SimulatedNetwork(options.NetworkFolder, options.ScriptsFolder);
    var scenario = new Scenario(api, network, options);
    if (options.Once)
    {
        await using var log = new SipLog(network);
        await log.BeginAsync();
        var since = TimeProvider.System.GetUtcNow();
        await scenario.PrepareAsync(stop.Token);
        return await new Verification(api, network, log, since).RunAsync(stop.Token) ? 0 : 1;
    }

    await scenario.PrepareAsync(stop.Token);
    Console.WriteLine($"The campaign is calling. Watch it at {options.Web} (Ctrl-C ends the demo).");
    await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return options.Once ? 1 : 0;
}
catch (Exception failure) when (failure is HttpRequestException or InvalidOperationException or TimeoutException)
{
    await Console.Error.WriteLineAsync($"The demo could not go on: {failure.Message}");
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
