using DbUp.Engine.Output;
using Microsoft.Extensions.Logging;

namespace Dialer.Storage.Database;

/// <summary>Passes on what DbUp says: its chatter as debug output, a script being run as information.</summary>
internal sealed class DbUpLog(ILogger logger) : IUpgradeLog
{
    private const string Executing = "Executing Database Server script";

    public void LogTrace(string format, params object[] args) => Write(LogLevel.Trace, null, format, args);

    public void LogDebug(string format, params object[] args) => Write(LogLevel.Debug, null, format, args);

    public void LogInformation(string format, params object[] args) =>
        Write(format.StartsWith(Executing, StringComparison.Ordinal) ? LogLevel.Information : LogLevel.Debug, null, format, args);

    public void LogWarning(string format, params object[] args) => Write(LogLevel.Warning, null, format, args);

    // Errors end in the exception that the caller gets; logging them here as well would tell them twice.
    public void LogError(string format, params object[] args) => Write(LogLevel.Debug, null, format, args);

    public void LogError(Exception ex, string format, params object[] args) => Write(LogLevel.Debug, ex, format, args);

    private void Write(LogLevel level, Exception? error, string format, object[] args)
    {
        if (logger.IsEnabled(level))
        {
            logger.Log(level, error, "{Migration}", string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));
        }
    }
}
