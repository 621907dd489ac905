using Microsoft.Extensions.Logging;

namespace Dialer.Tests.Database;

/// <summary>A log that is read only for the first message with a certain beginning.</summary>
internal sealed class SignalLog(string beginning) : ILogger
{
    private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Seen => _seen.Task;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var message = formatter(state, exception);
        if (message.StartsWith(beginning, StringComparison.Ordinal))
        {
            _seen.TrySetResult(message);
        }
    }
}
