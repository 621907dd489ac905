using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Dialer.Hosting;

/// <summary>
/// Another formatter's lines without telephone numbers. Our own messages have none; those of others can: Orleans prints the arguments
/// of a call that timed out, and an exception may quote a value.
/// </summary>
internal sealed class MaskedFormatter(ConsoleFormatter inner) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "dialer";

    [ThreadStatic] private static StringWriter? t_line;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = t_line ??= new StringWriter();
        inner.Write(logEntry, scopeProvider, line);
        textWriter.Write(NumberMask.Apply(line.ToString()));
        line.GetStringBuilder().Clear();
    }
}
