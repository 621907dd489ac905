using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Takes an uploaded list straight from the request into the database. One transaction: what breaks off half way, for
/// whatever reason, has changed nothing, and says so in the list's row. What the list has replaced is cleared away after that.
/// </summary>
public sealed partial class ListImporter(NpgsqlDataSource database, TimeProvider clock, ILogger<ListImporter> logger)
{
    private const string Interrupted = "The upload ended before the whole file had arrived; nothing was changed. Upload it again.";

    private static readonly ListFailure Unknown = new(
        ListFault.Database,
        "The database did not say whether it has taken the list. Look whether it is in force before you upload it again; within two minutes it is either.");

    // Until statistics know of a long list, the database looks for one due contact by reading them all (0.6 s of a million), and
    // its own time for gathering them comes up to a minute later. Smaller lists are read in a moment.
    private const long ManyContacts = 20_000;
    private const string GatherStatistics = "analyze contact (campaign, edition, state, retrying, next_due_at)";

    private static readonly TimeSpan FailureTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Reads a list to its end and puts it in force.</summary>
    /// <param name="request">Whose list, and how.</param>
    /// <param name="body">The file as it comes in; it is read once, forward, and not disposed.</param>
    /// <param name="cancellationToken">Ends the import without a trace but the failed state of its row.</param>
    /// <returns>
    /// Done or failed. A failure is told, not thrown: its reason is for the sender, and is stored as the list's first problem.
    /// </returns>
    public async Task<ListImportResult> ImportAsync(ListImportRequest request, Stream body, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var batches = Channel.CreateBounded<CopyBatch>(new BoundedChannelOptions(4) { SingleReader = true, SingleWriter = true });
        var people = new PersonSet();
        var reading = new ListReading(request, people, batches.Writer, clock.GetUtcNow());
        var (inForce, commits) = (false, false);
        try
        {
            await RunAsync();
        }
        catch (Exception e) when (!inForce)
        {
            var failure = Explain(e);
            LogFailed(e is ListUnreadableException or OperationCanceledException ? null : e, request.ListId, request.Tenant, request.Campaign, failure.Reason);
            switch (await FailAsync(request, reading, failure.Reason))
            {
                // The answer alone was lost; the sweep settles it.
                case ListState.Done:
                    await InformAsync(request);
                    break;
                case null when commits:
                    return new ListImportResult(ListState.Failed, reading.Counts, Unknown);
                default:
                    return new ListImportResult(ListState.Failed, reading.Counts with { Contacts = 0 }, failure);
            }
        }
        catch (NpgsqlException e)
        {
            LogUnsettled(e, request.ListId);
        }

        return new ListImportResult(ListState.Done, reading.Counts);

        async Task RunAsync()
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            try
            {
                await ListLocks.TakeListAsync(connection, request.ListId, cancellationToken);
                var place = await PutInForceAsync(connection, request, body, people, reading, batches, () => commits = true, cancellationToken);
                inForce = true;
                LogDone(request.ListId, request.Tenant, request.Campaign, reading.Counts.Contacts, reading.Counts.Rejected, clock.GetElapsedTime(started));
                await InformAsync(request);
                if (place.MeetsEarlier)
                {
                    // Whoever waits for the answer may go away; what is half cleared away would show wrong figures until the sweep.
                    await ListSettlement.RunAsync(connection, request.CampaignNo, place.Edition, CancellationToken.None);
                }
            }
            finally
            {
                await ListLocks.FreeAsync(connection);
            }
        }
    }

    private async Task<ListPlace> PutInForceAsync(
        NpgsqlConnection connection, ListImportRequest request, Stream body, PersonSet people, ListReading reading, Channel<CopyBatch> batches,
        Action beforeCommit, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await CheckStateAsync(connection, request, cancellationToken);
        if (request.Mode == ListMode.Add)
        {
            await ListLocks.TakeCampaignAsync(connection, request.CampaignNo, cancellationToken);
            reading.Edition = (await ListPlace.OfAsync(connection, request, cancellationToken)).Edition;
            await MeetEarlierAsync(connection, request, reading.Edition, people, cancellationToken);
        }

        await CopyAsync(connection, body, reading, batches, cancellationToken);
        if (request.Mode == ListMode.Replace)
        {
            await ListLocks.TakeCampaignAsync(connection, request.CampaignNo, cancellationToken);
        }

        if (reading.Counts.Contacts >= ManyContacts)
        {
            await using var statistics = new NpgsqlCommand(GatherStatistics, connection) { CommandTimeout = 0 };
            await statistics.ExecuteNonQueryAsync(cancellationToken);
        }

        var place = await ListPlace.OfAsync(connection, request, cancellationToken);
        if (place.MeetsEarlier)
        {
            await Meeting.FindAsync(connection, request.CampaignNo, place.Edition, cancellationToken);
        }

        await ListMerge.TakeForceAsync(connection, request, place, reading.Counts.Contacts, cancellationToken);
        await FinishAsync(connection, request, place, reading, cancellationToken);
        beforeCommit();
        await transaction.CommitAsync(cancellationToken);
        return place;
    }

    // It finds out by itself, a little later; a list in force is no failure because its campaign's silo has just died.
    private async Task InformAsync(ListImportRequest request)
    {
        try
        {
            await (request.InForce?.Invoke() ?? Task.CompletedTask);
        }
        catch (Exception e)
        {
            LogNotInformed(e, request.ListId, request.Tenant, request.Campaign);
        }
    }

    /// <summary>Reads on one task and writes on another; the first error ends both.</summary>
    private static async Task CopyAsync(
        NpgsqlConnection connection, Stream body, ListReading reading, Channel<CopyBatch> batches, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        var read = Task.Run(
            async () =>
            {
                try
                {
                    await reading.ReadAsync(body, either.Token);
                    batches.Writer.Complete();
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                    batches.Writer.Complete(e);
                }
            },
            CancellationToken.None);
        try
        {
            await ListCopy.WriteAsync(connection, batches.Reader, either.Token);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
        }

        await either.CancelAsync();
        await read;
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static async Task CheckStateAsync(NpgsqlConnection connection, ListImportRequest request, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select state from contact_list where id = @list and campaign = @campaign", connection)
        {
            Parameters = { new("list", request.ListId), new("campaign", request.CampaignNo) },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is not (short)ListState.Reading)
        {
            throw new ListUnreadableException("This upload was given up before it began. Upload the file again.");
        }
    }

    private static async Task MeetEarlierAsync(
        NpgsqlConnection connection, ListImportRequest request, long edition, PersonSet people, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select person from contact where campaign = @campaign and edition = @edition and state <> 4", connection)
        {
            CommandTimeout = 0,
            Parameters = { new("campaign", request.CampaignNo), new("edition", edition) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            people.TryAdd(CopyBatch.PersonOf(reader.GetGuid(0)), 0, out _);
        }
    }

    private async Task FinishAsync(
        NpgsqlConnection connection, ListImportRequest request, ListPlace place, ListReading reading, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            update contact_list set state = 1, settled = @settled, rows = @rows, contacts = @contacts, rejected = @rejected, duplicates = @duplicates,
                warnings = @warnings, dialect = @dialect, finished_at = @now
            where id = @list
            """,
            connection);
        AddCounts(command, request, reading, clock.GetUtcNow());
        command.Parameters.AddWithValue("settled", !place.MeetsEarlier);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Notes that it failed. If even that fails, the sweep for interrupted lists does it later. Gives the list's state: it may be in force, where the
    /// answer to that alone was lost; null where the database does not say.
    /// </summary>
    private async Task<ListState?> FailAsync(ListImportRequest request, ListReading reading, string reason)
    {
        using var timeout = new CancellationTokenSource(FailureTimeout, clock);
        try
        {
            await using var connection = await database.OpenConnectionAsync(timeout.Token);
            await using var transaction = await connection.BeginTransactionAsync(timeout.Token);
            await using (var command = new NpgsqlCommand(
                """
                update contact_list set state = 2, rows = @rows, contacts = 0, rejected = @rejected, duplicates = @duplicates,
                    warnings = @warnings, dialect = @dialect, finished_at = @now
                where id = @list and state = 0
                """,
                connection))
            {
                AddCounts(command, request, reading, clock.GetUtcNow());
                if (await command.ExecuteNonQueryAsync(timeout.Token) == 0)
                {
                    return await StateAsync(connection, request.ListId, timeout.Token);
                }
            }

            using var problems = CopyBatch.OfProblems();
            problems.Add(request.ListId, 0, new ListProblem(0, null, reason, null, ProblemSeverity.Rejected));
            for (var i = 0; i < reading.Problems.Count; i++)
            {
                problems.Add(request.ListId, i + 1, reading.Problems[i]);
            }

            var channel = Channel.CreateBounded<CopyBatch>(1);
            channel.Writer.TryWrite(problems);
            channel.Writer.Complete();
            await ListCopy.WriteAsync(connection, channel.Reader, timeout.Token);
            await transaction.CommitAsync(timeout.Token);
            return ListState.Failed;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            LogNotTold(e, request.ListId);
            return null;
        }
    }

    private static async Task<ListState?> StateAsync(NpgsqlConnection connection, long list, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select state from contact_list where id = $1", connection);
        command.Parameters.Add(new() { Value = list });
        return await command.ExecuteScalarAsync(cancellationToken) is short state ? (ListState)state : null;
    }

    private static void AddCounts(NpgsqlCommand command, ListImportRequest request, ListReading reading, DateTimeOffset now)
    {
        var counts = reading.Counts;
        command.Parameters.AddWithValue("list", request.ListId);
        command.Parameters.AddWithValue("rows", counts.Rows);
        command.Parameters.AddWithValue("contacts", counts.Contacts);
        command.Parameters.AddWithValue("rejected", counts.Rejected);
        command.Parameters.AddWithValue("duplicates", counts.Duplicates);
        command.Parameters.AddWithValue("warnings", counts.Warnings);
        command.Parameters.AddWithValue("dialect", (object?)reading.Dialect ?? DBNull.Value);
        command.Parameters.AddWithValue("now", now.ToUniversalTime());
    }

    private static ListFailure Explain(Exception e) => e switch
    {
        ListUnreadableException => new(ListFault.List, e.Message),
        PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation } => new(ListFault.List, ListPlace.IsGone),
        NpgsqlException or TimeoutException => new(ListFault.Database, "The database did not take the list; nothing was changed. Upload it again in a moment."),
        IOException or OperationCanceledException => new(ListFault.List, Interrupted),
        _ => new(ListFault.Program, "The list could not be read because of a fault in this program; nothing was changed. The log of the server has the details."),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The campaign of list {List} of {Tenant}/{Campaign} could not be told that it is in force, and finds out later")]
    private partial void LogNotInformed(Exception error, long list, string tenant, string campaign);

    [LoggerMessage(Level = LogLevel.Information, Message = "List {List} of {Tenant}/{Campaign} is in force: {Contacts} contacts, {Rejected} rows rejected, {Elapsed}")]
    private partial void LogDone(long list, string tenant, string campaign, long contacts, long rejected, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "List {List} of {Tenant}/{Campaign} changed nothing: {Reason}")]
    private partial void LogFailed(Exception? error, long list, string tenant, string campaign, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "List {List} is in force, but what it replaced is not all cleared away; the sweep for interrupted lists will do it")]
    private partial void LogUnsettled(Exception error, long list);

    [LoggerMessage(Level = LogLevel.Error, Message = "List {List} could not be marked as failed; the sweep for interrupted lists will do it")]
    private partial void LogNotTold(Exception error, long list);
}
