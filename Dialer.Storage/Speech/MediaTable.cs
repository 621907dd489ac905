using Npgsql;

namespace Dialer.Storage.Speech;

/// <summary>Clips by id; the copy of which all others (folders of silos and nodes) are caches.</summary>
public sealed class MediaTable(NpgsqlDataSource database)
{
    /// <summary>The WAV, or null.</summary>
    public async Task<byte[]?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select wav from media where id = $1");
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteScalarAsync(cancellationToken) as byte[];
    }

    /// <summary>Stores a clip; the same twice does no harm.</summary>
    public async Task WriteAsync(string id, byte[] wav, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "insert into media (id, wav, duration_ms) values ($1, $2, $3) on conflict do nothing");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = wav });
        command.Parameters.Add(new() { Value = (int)duration.TotalMilliseconds });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
