using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dialer.Storage.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Dialer.Tests.Infrastructure;

/// <summary>A private PostgreSQL of one test or of the whole run, with fsync on as in earnest.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int s_servers;
    private readonly string _folder;
    private readonly int _port;
    private readonly string _password;
    private readonly string[] _settings;
    private Process? _process;
    private int[] _frozen = [];

    private PostgresServer(string folder, int port, string password, string[] settings) =>
        (_folder, _port, _password, _settings) = (folder, port, password, settings);

    /// <summary>Makes a new cluster in the scratch folder and starts it.</summary>
    public static Task<PostgresServer> StartNewAsync() => StartNewAsync(NewFolder());

    /// <summary>A folder of the scratch folder for one server.</summary>
    public static string NewFolder() => Path.Combine(
        Checkout.Scratch, string.Create(CultureInfo.InvariantCulture, $"postgres-{Environment.ProcessId}-{Interlocked.Increment(ref s_servers)}"));

    /// <summary>Makes a new cluster in a folder and starts it.</summary>
    /// <param name="folder">Where; it goes with the server.</param>
    /// <param name="settings">Settings of the server, as <c>name=value</c>.</param>
    public static async Task<PostgresServer> StartNewAsync(string folder, params string[] settings)
    {
        await RunToEndAsync(Script, "init", folder);
        var password = (await File.ReadAllTextAsync(Path.Combine(folder, "password"))).Trim();
        var server = new PostgresServer(folder, FreePort(), password, settings);
        await server.StartAsync();
        return server;
    }

    /// <summary>How to reach one of its databases.</summary>
    public string ConnectionString(string database = "dialer") => string.Create(
        CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={_port};Database={database};Username=dialer;Password={_password};Include Error Detail=true");

    /// <summary>Starts it again on the same port with the same data, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(Script, ["run", _folder, _port.ToString(CultureInfo.InvariantCulture), .. _settings])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            Environment = { ["DIALER_OWNER"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture) },
        };
        var said = new List<string>();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }
        };
        process.BeginErrorReadLine();
        _process = process;

        try
        {
            await AnswersAsync();
        }
        catch (InvalidOperationException e)
        {
            lock (said)
            {
                throw new InvalidOperationException($"{e.Message} It said: {string.Join('\n', said)}", e);
            }
        }
    }

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not answer in time.</exception>
    public async Task AnswersAsync()
    {
        var process = Running;
        using var enough = new CancellationTokenSource(Patience);
        await using var probe = NpgsqlDataSource.Create(ConnectionString("postgres") + ";Pooling=false");
        var answer = DatabaseStart.WaitAsync(probe, TimeProvider.System, NullLogger.Instance, enough.Token);
        if (await Task.WhenAny(answer, process.WaitForExitAsync(enough.Token)) == answer && answer.IsCompletedSuccessfully)
        {
            await (await answer).DisposeAsync();
            return;
        }

        await enough.CancelAsync();
        throw new InvalidOperationException(
            $"PostgreSQL in {_folder} {(process.HasExited ? "ended" : $"did not answer within {Patience}")}.");
    }

    /// <summary>A fast shutdown: sessions are ended, everything committed is on disk.</summary>
    public Task StopAsync() => EndAsync("INT");

    /// <summary>Ends it at once, as a power failure would: recovery from the log at the next start.</summary>
    public Task CrashAsync() => EndAsync("QUIT");

    /// <summary>Every process of it dies in the same moment (SIGKILL).</summary>
    public async Task KillAsync()
    {
        var parent = Running;
        // Still first, so that no process sees another one go.
        await FreezeAsync();
        foreach (var process in _frozen)
        {
            await SignalAsync("KILL", process);
        }

        _frozen = [];
        using var timeout = new CancellationTokenSource(Patience);
        await parent.WaitForExitAsync(timeout.Token);
        parent.Dispose();
        _process = null;
    }

    /// <summary>Every process of it stands still (SIGSTOP): connections stay open and nothing answers.</summary>
    public async Task FreezeAsync()
    {
        // The parent first, so that it starts no further session meanwhile.
        await SignalAsync("STOP", Running.Id);
        _frozen = [.. Children(Running.Id), Running.Id];
        foreach (var child in _frozen.SkipLast(1))
        {
            await SignalAsync("STOP", child);
        }
    }

    /// <summary>Lets a frozen server go on.</summary>
    public async Task ThawAsync()
    {
        foreach (var process in _frozen)
        {
            await SignalAsync("CONT", process);
        }

        _frozen = [];
    }

    /// <summary>Runs one statement as the owner, outside of any pool.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The same, where it may well fail.</summary>
    public async Task TryExecuteAsync(string sql)
    {
        try
        {
            await ExecuteAsync(sql);
        }
        catch (NpgsqlException)
        {
        }
    }

    /// <summary>Writes what a query says into a file, as CSV with the names of its columns.</summary>
    public async Task WriteCsvAsync(string query, string file)
    {
        await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        using var rows = await connection.BeginTextExportAsync($"copy ({query}) to stdout with (format csv, header)");
        await File.WriteAllTextAsync(file, await rows.ReadToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await ThawAsync();
            await StopAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Whether its process is there; one that met a full disk may have ended by itself.</summary>
    public bool IsRunning => _process is { HasExited: false };

    private Process Running => _process is { HasExited: false } process
        ? process : throw new InvalidOperationException($"PostgreSQL in {_folder} is not running; call StartAsync first.");

    private async Task EndAsync(string signal)
    {
        var process = Running;
        await SignalAsync(signal, process.Id);
        using var timeout = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(timeout.Token);
        process.Dispose();
        _process = null;
    }

    private static Task SignalAsync(string signal, int process) =>
        RunToEndAsync("kill", "-" + signal, process.ToString(CultureInfo.InvariantCulture));

    private static IEnumerable<int> Children(int parent) =>
        File.ReadAllText($"/proc/{parent}/task/{parent}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static async Task RunToEndAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {process.ExitCode}: {said}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Script => Path.Combine(Checkout.Root, "scripts", "postgres.sh");
}
