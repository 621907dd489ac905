using Npgsql;

namespace Dialer.Benchmarks.Calls;

/// <summary>How much room a table takes beyond what its rows need.</summary>
internal static class TableBloat
{
    // The copy is what a dump and a restore would make: the same rows, indexes and fill factors, nothing dead and nothing half empty.
    private const string Rebuild =
        """
        drop table if exists rebuilt;
        create unlogged table rebuilt (like {0});
        do $$
        declare one record;
        begin
            for one in select unnest(reloptions) as option from pg_class where oid = '{0}'::regclass
            loop
                execute format('alter table rebuilt set (%s)', one.option);
            end loop;
            insert into rebuilt select * from {0} order by campaign, id;
            for one in select indexdef from pg_indexes where schemaname = 'public' and tablename = '{0}'
            loop
                execute regexp_replace(one.indexdef, 'INDEX \S+ ON \S+', 'INDEX ON rebuilt');
            end loop;
        end $$;
        """;

    /// <summary>The size of a table with its indexes, divided by the size of a copy of its rows.</summary>
    /// <param name="database">Where it is; nobody else makes a table <c>rebuilt</c> there.</param>
    /// <param name="table">Its name; rows are in the order of <c>campaign</c> and <c>id</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>1 where nothing is wasted.</returns>
    public static async Task<double> OfAsync(NpgsqlDataSource database, string table, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Rebuild.Replace("{0}", table, StringComparison.Ordinal));
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
        await using var sizes = database.CreateCommand($"select pg_total_relation_size('{table}')::float8 / pg_total_relation_size('rebuilt')");
        var bloat = (double)(await sizes.ExecuteScalarAsync(cancellationToken))!;
        await using var drop = database.CreateCommand("drop table rebuilt");
        await drop.ExecuteNonQueryAsync(cancellationToken);
        return bloat;
    }
}
