using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Dialer.Tests.Infrastructure;

/// <summary>What Dialer's own parts have warned of, kept for the words of a test that fails. Nothing of it is written while tests pass.</summary>
[ProviderAlias(Name)]
internal sealed class KeptWarnings : ILoggerProvider
{
    /// <summary>How the settings call it: <c>Logging:Kept:LogLevel:Dialer</c>.</summary>
    public const string Name = "Kept";

    private const int Most = 20;

    private readonly ConcurrentQueue<string> _last = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    /// <summary>The last of them, oldest first.</summary>
    public override string ToString() => _last.IsEmpty ? "nothing" : string.Join("; ", _last);

    public void Dispose()
    {
        // What is kept is memory alone.
    }

    private void Keep(string warning)
    {
        _last.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {warning}"));
        while (_last.Count > Most)
            _last.TryDequeue(out _);
    }

    private sealed class Logger(KeptWarnings kept) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // The settings choose.
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            kept.Keep(formatter(state, exception) + (exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})"));
    }
}
