using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dialer.Simulation;
using Dialer.Simulation.Calls;
using Dialer.Simulation.Wire;

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    var settings = Settings.Read(args);
    using var log = new CallLog(settings.Log);
    var exchange = new Exchange(settings.Script, log, settings.Seed);
    using var server = new Server(exchange, settings.Port, settings.User, settings.Password);
    exchange.Start();
    server.Start();
    Console.WriteLine($"http://127.0.0.1:{server.Port}/ari/");
    exchange.Run(stop.Token);
    return 0;
}
catch (Exception failure) when (failure is InvalidOperationException or SocketException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"The fake Asterisk could not start: {failure.Message}");
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
