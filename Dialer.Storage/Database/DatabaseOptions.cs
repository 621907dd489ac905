namespace Dialer.Storage.Database;

/// <summary>
/// How a process of Dialer connects to PostgreSQL. What <see cref="ConnectionString"/> itself says wins over every
/// other value here, so an installation can tune one process without a setting of our own.
/// </summary>
public sealed class DatabaseOptions
{
    /// <summary>An Npgsql connection string; its <c>Search Path</c> may name a schema.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>What <c>pg_stat_activity</c> shows for this process.</summary>
    public string ApplicationName { get; set; } = "dialer";

    /// <summary>Connections of this process at most. Group commits need few: one each, plus reads and Orleans.</summary>
    public int MaxPoolSize { get; set; } = 40;

    /// <summary>How long opening a connection may take.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one statement may take before it is cancelled.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After how long a silent connection is probed by TCP: a database host that vanished without a word is noticed
    /// after about three times this.
    /// </summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(10);
}
