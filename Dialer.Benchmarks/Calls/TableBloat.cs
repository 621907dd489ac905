using Npgsql;

namespace Dialer.Benchmarks.Calls;

/// <summary>How much room a table takes beyond what its rows need.</summary>
internal static class TableBloat
{
    // The copy is what a dump and a restore would make: the same rows, indexes and fill factors, nothing dead and nothing half empty.
    private const string Rebuild =
        """
        create extension if not exists pgstattuple;
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

    // Emptied pages of an index are no waste: they take its next entries, wherever those belong, and no file of PostgreSQL's ever gives room back
    // by itself. Of who waits the last entry goes with the last call, and its index keeps its size.
    private const string Sizes =
        """
        select (pg_total_relation_size('{0}') - current_setting('block_size')::bigint * (
                select coalesce(sum(s.deleted_pages + s.empty_pages), 0)
                from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam, pgstatindex(i.indexrelid) s
                where i.indrelid = '{0}'::regclass and a.amname = 'btree'))::float8
            / pg_total_relation_size('rebuilt')
        """;

    /// <summary>The size of a table with its indexes, but for index pages that are free again, divided by the size of a copy of its rows.</summary>
    /// <param name="database">Where it is; nobody else makes a table <c>rebuilt</c> there.</param>
    /// <param name="table">Its name; rows are in the order of <c>campaign</c> and <c>id</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>1 where nothing is wasted.</returns>
    public static async Task<double> OfAsync(NpgsqlDataSource database, string table, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Rebuild.Replace("{0}", table, StringComparison.Ordinal));
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
        await using var sizes = database.CreateCommand(Sizes.Replace("{0}", table, StringComparison.Ordinal));
        var bloat = (double)(await sizes.ExecuteScalarAsync(cancellationToken))!;
        await using var drop = database.CreateCommand("drop table rebuilt");
        await drop.ExecuteNonQueryAsync(cancellationToken);
        return bloat;
    }
}
