using Npgsql;

namespace Dialer.Storage.Database;

/// <summary>A migration did not go through. The message names the script and what PostgreSQL said about it.</summary>
public sealed class DatabaseMigrationException(string? script, Exception error)
    : Exception(Describe(script, error), error)
{
    /// <summary>File name of the script, like <c>0001_orleans.sql</c>; null when the failure was outside of any.</summary>
    public string? Script { get; } = script;

    private static string Describe(string? script, Exception error)
    {
        var reason = error is PostgresException postgres
            ? $"{postgres.SqlState} {postgres.MessageText}{(postgres.Position > 0 ? $" at character {postgres.Position}" : "")}"
            : error.Message;
        return script is null
            ? $"The database could not be brought up to date: {reason}."
            : $"The migration {script} failed and was rolled back: {reason}. Scripts before it stay applied; correct the cause and start again.";
    }
}
