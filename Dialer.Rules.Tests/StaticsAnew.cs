using System.Reflection;
using System.Runtime.CompilerServices;
using Dialer.Grains.Speech;
using Dialer.Rules.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(StaticsAnew))]

namespace Dialer.Rules.Tests;

/// <summary>
/// Fills the tables of the rules (words, names of currencies) anew before each run. Stryker tests change after change in one process, and what a
/// type computes when it is first used would stay as it was, so that a wrong word in a table was never noticed.
/// </summary>
public sealed class StaticsAnew
{
    public StaticsAnew()
    {
        if (Environment.GetEnvironmentVariable("STRYKER_MUTANT_FILE") is null)
            return;
        foreach (var type in typeof(SpokenText).Assembly.GetTypes())
            if (type is { TypeInitializer: { } initializer, ContainsGenericParameters: false } && type.GetCustomAttribute<CompilerGeneratedAttribute>() is null
                && type.Namespace?.StartsWith("Dialer.Grains.", StringComparison.Ordinal) == true && !type.Namespace.StartsWith("Dialer.Grains.Interfaces", StringComparison.Ordinal))
                Run(initializer);
    }

    // Reflection runs it once only; called by its address it runs as often as it is called.
    private static unsafe void Run(ConstructorInfo initializer) => ((delegate* managed<void>)initializer.MethodHandle.GetFunctionPointer())();
}
