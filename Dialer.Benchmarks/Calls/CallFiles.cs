using System.Globalization;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Calls;

/// <summary>
/// What somebody without a dialer would reach for: a program that keeps so many call files in Asterisk's spool folder, and moves the next
/// one there as soon as Asterisk has done with one and deleted it. It learns nothing of how a call ended.
/// </summary>
internal sealed class CallFiles : IDisposable
{
    private readonly string _behaviour;
    private readonly string _application;
    private readonly string _data;
    private readonly string _written;
    private readonly string _outgoing;
    private readonly FileSystemWatcher _watcher;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;
    private int _open;
    private volatile bool _over;

    private CallFiles(AsteriskInstance pbx, string behaviour, string application, string data)
    {
        (_behaviour, _application, _data) = (behaviour, application, data);
        var spool = Path.Combine(pbx.Folder, "spool");
        _outgoing = Directory.CreateDirectory(Path.Combine(spool, "outgoing")).FullName;
        // On the same file system, so that moving is renaming: Asterisk must not see half a file.
        _written = Directory.CreateDirectory(Path.Combine(spool, "written")).FullName;
        _watcher = new FileSystemWatcher(_outgoing) { NotifyFilter = NotifyFilters.FileName };
        _watcher.Deleted += (_, _) => Next();
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Has the pbx watch its spool folder; a dialer's own Asterisk does not.</summary>
    /// <param name="pbx">The Asterisk that calls.</param>
    /// <param name="behaviour">The digits of the numbers behind 7999.</param>
    /// <param name="application">What it does with the answered call: an application of the dial plan.</param>
    /// <param name="data">The application's arguments.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<CallFiles> StartAsync(
        AsteriskInstance pbx, string behaviour, string application, string data, CancellationToken cancellationToken)
    {
        var files = new CallFiles(pbx, behaviour, application, data);
        var module = new Uri("asterisk/modules/pbx_spool.so", UriKind.Relative);
        using var there = await pbx.Http.GetAsync(module, cancellationToken);
        if (!there.IsSuccessStatusCode)
        {
            using var loaded = await pbx.Http.PostAsync(module, null, cancellationToken);
            loaded.EnsureSuccessStatusCode();
        }

        return files;
    }

    /// <summary>Keeps this many files in the folder, until the time is over and all calls have ended.</summary>
    public async Task RunAsync(int lines, TimeSpan length, CancellationToken cancellationToken)
    {
        _open = lines;
        for (var i = 0; i < lines; i++)
        {
            Next();
        }

        await Task.Delay(length, cancellationToken);
        _over = true;
        await _idle.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    public void Dispose() => _watcher.Dispose();

    private void Next()
    {
        if (_over)
        {
            if (Interlocked.Decrement(ref _open) == 0)
            {
                _idle.TrySetResult();
            }

            return;
        }

        var number = Interlocked.Increment(ref _next);
        var name = string.Create(CultureInfo.InvariantCulture, $"{number}.call");
        var file = Path.Combine(_written, name);
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            Channel: PJSIP/7999{_behaviour}{number % 100_000:00000}@{CampaignInstallation.Endpoint}
            WaitTime: 30
            MaxRetries: 0
            Application: {_application}
            Data: {_data}

            """));
        File.Move(file, Path.Combine(_outgoing, name));
    }
}
