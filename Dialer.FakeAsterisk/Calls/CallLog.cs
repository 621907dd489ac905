using Dialer.Simulation.Wire;

namespace Dialer.Simulation.Calls;

/// <summary>
/// The network's own log, one line for each thing that happened to a call, for audits from outside (<see cref="LoggedCall"/> reads it). It
/// is written before what it tells leaves this process: whoever got an answer finds the call in the log, however this process ends.
/// </summary>
internal sealed class CallLog : IDisposable
{
    private readonly Utf8Text _lines = new(64 * 1024);
    private readonly FileStream? _file;

    /// <param name="path">A file that is added to; null for none.</param>
    public CallLog(string? path) => _file = path is null
        ? null
        : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>A new process: whatever the lines above leave open was lost with the one before.</summary>
    public void Started(long now) => Begin('S', now)?.Add("\n"u8);

    public void Originated(long now, Channel channel) => Begin('O', now)?.Add(","u8).Add(channel.Serial).Add(","u8).Add(Field(channel.Id))
        .Add(","u8).Add(Field(channel.Number)).Add(","u8).Add(Field(channel.Endpoint)).Add("\n"u8);

    public void Answered(long now, Channel channel) => Begin('A', now)?.Add(","u8).Add(channel.Serial).Add("\n"u8);

    /// <param name="by">Who ended it.</param>
    public void Ended(long now, Channel channel, int cause, HungUpBy by) =>
        Begin('E', now)?.Add(","u8).Add(channel.Serial).Add(","u8).Add(cause).Add(","u8).Add((int)by).Add("\n"u8);

    public void Flush()
    {
        if (_lines.Length > 0)
        {
            _file?.Write(_lines.Written);
            _lines.Clear();
        }
    }

    public void Dispose()
    {
        Flush();
        _file?.Dispose();
    }

    private static string Field(string text) => text.AsSpan().IndexOfAny(',', '\n') < 0 ? text : text.Replace(',', ';').Replace('\n', ' ');

    private Utf8Text? Begin(char what, long now)
    {
        if (_file is null)
        {
            return null;
        }

        _lines.Room(2)[0] = (byte)what;
        _lines.Advance(1);
        return _lines.Add(","u8).Add(now);
    }
}
