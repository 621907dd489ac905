using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dialer.Chaos;
using Dialer.Chaos.Audit;

var names = string.Join(", ", ChaosProgram.All.Keys);
var isShort = args.Contains("--short");
var keeps = args.Contains("--keep");
var at = Array.IndexOf(args, "--seed");
var seed = RandomNumberGenerator.GetInt32(1, 1_000_000);
if (args is not [var name, ..] || !ChaosProgram.All.TryGetValue(name, out var program)
    || (at >= 0 && (at + 1 >= args.Length || !int.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seed)))
    || args.Length != 1 + (isShort ? 1 : 0) + (keeps ? 1 : 0) + (at >= 0 ? 2 : 0))
{
    await Console.Error.WriteLineAsync($"./dialer chaos NAME [--short] [--seed N] [--keep]; NAME is one of {names}");
    return 2;
}

// Ended by a signal, it takes what it started along: the servers watch this process.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Environment.Exit(1));
try
{
    return await new ChaosRun(name, program, isShort, seed, keeps, Console.Out).RunAsync() ? 0 : 1;
}
catch (Exception failure)
{
    await new Report(name, seed, Console.Out).FailAsync(0, $"could not begin or clear up: {failure.Message}");
    return 1;
}
