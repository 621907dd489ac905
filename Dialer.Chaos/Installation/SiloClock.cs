namespace Dialer.Chaos.Installation;

/// <summary>The clock that one silo sees (<c>clock.c</c>). Its steady counter, and with it all timers, stays as it is.</summary>
internal sealed class SiloClock
{
    private readonly string _file;
    private readonly string _library;

    /// <exception cref="InvalidOperationException">There is no C compiler.</exception>
    public SiloClock(string file)
    {
        (_file, _library) = (file, file + ".so");
        HostCommand.Run("cc", "-shared", "-fPIC", "-O2", "-o", _library, Path.Combine(AppContext.BaseDirectory, "clock.c"), "-ldl");
        Set(TimeSpan.Zero);
    }

    /// <summary>What a silo's process needs in its environment to see this clock.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["LD_PRELOAD"] = _library,
        ["SILO_CLOCK"] = _file,
    };

    /// <summary>Steps the clock to that many whole seconds ahead of the true time, or behind it.</summary>
    public void Set(TimeSpan ahead)
    {
        // The same file all the time: a silo has it mapped.
        using var file = new FileStream(_file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.Write(BitConverter.GetBytes((long)ahead.TotalSeconds));
    }
}
