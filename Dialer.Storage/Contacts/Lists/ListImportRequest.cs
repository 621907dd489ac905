using System.Globalization;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>What becomes of the people who were in the campaign before.</summary>
public enum ListMode : short
{
    /// <summary>Who is not in the new list is withdrawn; who is in both is called anew with the new variables.</summary>
    Replace,

    /// <summary>They stay; who is in the campaign already is reported as a duplicate.</summary>
    Add,
}

/// <summary>How far an upload has come; the numbers are those in <c>contact_list.state</c>.</summary>
public enum ListState : short
{
    /// <summary>It is being read; nothing of it counts yet.</summary>
    Reading,

    /// <summary>It is the campaign's list, or a part of it.</summary>
    Done,

    /// <summary>It changed nothing; its first problem says why.</summary>
    Failed,
}

/// <summary>How the dial plan speaks a variable, which decides what a list may hold for it.</summary>
public enum SpokenVariable
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>An amount; stored as <c>-68.27</c>.</summary>
    Money,

    /// <summary>A number; stored like an amount.</summary>
    Number,

    /// <summary>Digits one by one.</summary>
    Digits,

    /// <summary>A day; stored as <c>2026-03-09</c>.</summary>
    Date,

    /// <summary>A time of day; stored as <c>07:05</c>.</summary>
    Time,
}

/// <summary>One upload.</summary>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Campaign">The campaign's id.</param>
/// <param name="CampaignNo">The campaign's number in the tables.</param>
/// <param name="ListId">Its row in <c>contact_list</c>, there already and <see cref="ListState.Reading"/>.</param>
/// <param name="Mode">What becomes of those who were there before.</param>
/// <param name="Culture">The tenant's: whose country numbers without a code belong to, and whose code page is usual.</param>
/// <param name="Spoken">The variables that the dial plan speaks: every row must have each of them.</param>
public sealed record ListImportRequest(
    string Tenant,
    string Campaign,
    int CampaignNo,
    long ListId,
    ListMode Mode,
    CultureInfo Culture,
    IReadOnlyDictionary<string, SpokenVariable> Spoken)
{
    /// <summary>Called now and then with the number of rows read so far, on the thread that reads.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>
    /// Called when the list is in force. The import goes on for as long as it takes to clear away what the list has replaced;
    /// the campaign need not wait for that.
    /// </summary>
    public Func<Task>? InForce { get; init; }

    /// <summary>The country of the culture, such as <c>RU</c>; <c>ZZ</c> where it names none.</summary>
    public string Region
    {
        get
        {
            try
            {
                return new RegionInfo(Culture.Name).TwoLetterISORegionName;
            }
            catch (ArgumentException)
            {
                return "ZZ";
            }
        }
    }
}

/// <summary>How an upload ended.</summary>
/// <param name="State"><see cref="ListState.Done"/> or <see cref="ListState.Failed"/>.</param>
/// <param name="Counts">What was in it.</param>
/// <param name="Failure">Null when it did not fail.</param>
public sealed record ListImportResult(ListState State, ListCounts Counts, ListFailure? Failure = null);

/// <summary>Why an upload failed.</summary>
/// <param name="Fault">What was at fault.</param>
/// <param name="Reason">For its sender.</param>
public sealed record ListFailure(ListFault Fault, string Reason);

/// <summary>What an upload failed of.</summary>
public enum ListFault
{
    /// <summary>The list, or how it was sent.</summary>
    List,

    /// <summary>The database: the same list may be taken in a moment, or have been taken.</summary>
    Database,

    /// <summary>This program.</summary>
    Program,
}

/// <summary>What was in an upload.</summary>
/// <param name="Rows">Rows below the header that are not blank.</param>
/// <param name="Contacts">People now in the campaign through this list.</param>
/// <param name="Rejected">Rows that cannot be called.</param>
/// <param name="Duplicates">Rows with a person who is there already.</param>
/// <param name="Warnings">Remarks on rows that are called all the same.</param>
public sealed record ListCounts(long Rows, long Contacts, long Rejected, long Duplicates, long Warnings);
