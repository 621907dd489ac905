using System.Threading.Channels;
using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Sends batches to the database as they come, in the transaction of the connection. Contacts and problems go by turns:
/// one connection has one COPY at a time, and keeping all problems of a bad file in memory instead has no bound.
/// </summary>
internal static class ListCopy
{
    private static readonly byte[] Trailer = [0xFF, 0xFF];

    /// <summary>Writes until the channel ends; if it ends with an error, nothing of the current COPY stays.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, ChannelReader<CopyBatch> batches, CancellationToken cancellationToken)
    {
        NpgsqlRawCopyStream? copy = null;
        string? command = null;
        try
        {
            await foreach (var batch in batches.ReadAllAsync(cancellationToken))
            {
                using (batch)
                {
                    if (command != batch.Command)
                    {
                        await EndAsync(copy, cancellationToken);
                        copy = null;
                        copy = await connection.BeginRawBinaryCopyAsync(batch.Command, cancellationToken);
                        command = batch.Command;
                        await copy.WriteAsync(CopyBatch.Header, cancellationToken);
                    }

                    await copy!.WriteAsync(batch.Rows, cancellationToken);
                }
            }

            await EndAsync(copy, cancellationToken);
            copy = null;
        }
        finally
        {
            if (copy is not null)
            {
                await AbandonAsync(copy);
            }
        }
    }

    private static async Task EndAsync(NpgsqlRawCopyStream? copy, CancellationToken cancellationToken)
    {
        if (copy is not null)
        {
            await copy.WriteAsync(Trailer, cancellationToken);
            await copy.DisposeAsync();
        }
    }

    private static async Task AbandonAsync(NpgsqlRawCopyStream copy)
    {
        try
        {
            await copy.CancelAsync();
            await copy.DisposeAsync();
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is gone, and the transaction with it; the first error is the one to tell.
        }
    }
}
