using System.Data;
using Npgsql;

namespace Dialer.Tests.Database;

/// <summary>
/// Runs the statements of OrleansQuery with named, typed parameters, as the ADO.NET providers bind them.
/// </summary>
internal sealed class OrleansStatements(NpgsqlDataSource database)
{
    public static readonly DateTime Began = new(2026, 1, 5, 9, 0, 0, DateTimeKind.Utc);

    /// <summary>The rows that a key's statement returns, each by column name.</summary>
    public async Task<List<Dictionary<string, object?>>> RunAsync(string key, params (string Name, object? Value)[] parameters)
    {
        await using var connection = await database.OpenConnectionAsync();
        return await RunAsync(connection, key, parameters);
    }

    public static async Task<List<Dictionary<string, object?>>> RunAsync(
        NpgsqlConnection connection, string key, params (string Name, object? Value)[] parameters)
    {
        await using var find = new NpgsqlCommand($"SELECT QueryText FROM OrleansQuery WHERE QueryKey = '{key}'", connection);
        await using var command = new NpgsqlCommand((string)(await find.ExecuteScalarAsync())!, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { ParameterName = name, Value = value ?? DBNull.Value, DbType = TypeOf(name, value) });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i), StringComparer.OrdinalIgnoreCase));
        }

        return rows;
    }

    /// <summary>The answer of a statement that says in one column whether it did anything.</summary>
    public async Task<bool> DidAsync(string key, params (string Name, object? Value)[] parameters)
    {
        var row = (await RunAsync(key, parameters))[0];
        return (bool)row.Single().Value!;
    }

    private static DbType TypeOf(string name, object? value) => value switch
    {
        int => DbType.Int32,
        long => DbType.Int64,
        byte[] => DbType.Binary,
        DateTime => DbType.DateTime,
        // A missing value still has the type that the provider gives it.
        null when name is "GrainStateVersion" => DbType.Int32,
        _ => DbType.String,
    };
}
