using Npgsql;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>Where a list belongs among those of its campaign.</summary>
/// <param name="Before">The edition that is in force until this list is.</param>
/// <param name="Edition">The edition that this list belongs to: itself, or that of the lists that it is added to.</param>
/// <param name="MeetsEarlier">Whether the campaign has ever had a list.</param>
internal sealed record ListPlace(long Before, long Edition, bool MeetsEarlier)
{
    /// <summary>What the sender of a list is told whose campaign is deleted while it comes in.</summary>
    public const string IsGone = "The campaign was removed at this moment.";

    /// <summary>Looks it up; true only while the lock of the campaign is held.</summary>
    public static async Task<ListPlace> OfAsync(NpgsqlConnection connection, ListImportRequest request, CancellationToken cancellationToken)
    {
        // Rows come into the tables only with a list, and become visible in the statement that makes it «done».
        await using var command = new NpgsqlCommand(
            """
            select edition, exists (select from contact_list where campaign = @campaign and id <> @list and state = 1)
            from campaign where no = @campaign
            """,
            connection)
        {
            Parameters = { new("campaign", request.CampaignNo), new("list", request.ListId) },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            throw new ListUnreadableException(IsGone);
        }

        var (before, meets) = (row.GetInt64(0), row.GetBoolean(1));
        return new ListPlace(before, request.Mode == ListMode.Add && meets ? before : request.ListId, meets);
    }
}
