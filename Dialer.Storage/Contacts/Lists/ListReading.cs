using System.Globalization;
using System.Threading.Channels;
using Dialer.Storage.Contacts.Lists.Csv;

namespace Dialer.Storage.Contacts.Lists;

/// <summary>Reads one upload from its first byte to its last, and hands its rows on in batches.</summary>
internal sealed class ListReading(ListImportRequest request, PersonSet people, ChannelWriter<CopyBatch> batches, DateTimeOffset now)
{
    /// <summary>The problems that are kept in memory, to be told of an upload that failed.</summary>
    public const int FirstProblems = 100;

    private const long MaxStoredProblems = 1_000_000;
    private const long ProgressEvery = 50_000;

    private readonly List<ListProblem> first = [];
    private CopyBatch contacts = CopyBatch.OfContacts();
    private CopyBatch problems = CopyBatch.OfProblems();
    private long rows;
    private long accepted;
    private long rejected;
    private long duplicates;
    private long warnings;
    private long stored;

    /// <summary>What was read so far.</summary>
    public ListCounts Counts => new(rows, accepted, rejected, duplicates, warnings);

    /// <summary>The first problems.</summary>
    public IReadOnlyList<ListProblem> Problems => first;

    /// <summary>How the file is written, for people; null until that is known.</summary>
    public string? Dialect { get; private set; }

    /// <summary>The edition that the rows belong to: the list itself, unless it is added to another.</summary>
    public long Edition { get; set; } = request.ListId;

    /// <summary>Reads everything.</summary>
    /// <exception cref="ListUnreadableException">The upload is no list.</exception>
    public async Task ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var spoken = new SpokenVariables(request.Spoken);
        using var text = await ListText.OpenAsync(body, request.Culture.TextInfo.ANSICodePage, cancellationToken);
        var dialect = await ListDialect.DetectAsync(text.Sample, spoken, cancellationToken);
        using var records = new CsvRecordReader(text, dialect.Delimiter);
        using var row = new ImportedContact();
        var reader = new RowReader(dialect, spoken, request.Region, () => text.EncodingName);
        while (await records.ReadAsync(cancellationToken))
        {
            if (records.Line <= dialect.HeaderLine || IsBlank(records))
            {
                continue;
            }

            rows++;
            Take(records.Line, reader, reader.TryRead(records, row), row);
            if (contacts.Length >= CopyBatch.FullAt)
            {
                await batches.WriteAsync(contacts, cancellationToken);
                contacts = CopyBatch.OfContacts();
            }

            if (problems.Length >= CopyBatch.FullAt)
            {
                await batches.WriteAsync(problems, cancellationToken);
                problems = CopyBatch.OfProblems();
            }

            if (rows % ProgressEvery == 0)
            {
                request.Progress?.Invoke(rows);
            }
        }

        Dialect = $"{text.EncodingName} · {dialect.Describe()}";
        await batches.WriteAsync(contacts, cancellationToken);
        await batches.WriteAsync(problems, cancellationToken);
        Refuse();
    }

    private void Take(long line, RowReader reader, bool callable, ImportedContact row)
    {
        foreach (var problem in reader.Problems)
        {
            Keep(problem);
        }

        if (!callable)
        {
            rejected++;
            return;
        }

        var person = row.Person();
        if (people.TryAdd(person, line, out var earlier))
        {
            accepted++;
            contacts.Add(request.CampaignNo, request.ListId, Edition, person, row, now);
            return;
        }

        duplicates++;
        var where = earlier == 0 ? "is in the campaign already" : $"is on line {earlier.ToString(CultureInfo.InvariantCulture)} already";
        Keep(new ListProblem(line, null, $"The same name with the same numbers {where}; called once.", new string(row.Name), ProblemSeverity.Duplicate));
    }

    private void Keep(ListProblem problem)
    {
        warnings += problem.Severity == ProblemSeverity.Warning ? 1 : 0;
        if (first.Count < FirstProblems)
        {
            first.Add(problem);
        }

        if (stored < MaxStoredProblems)
        {
            problems.Add(request.ListId, ++stored, problem);
        }
    }

    /// <summary>A list without anybody would withdraw everybody, and is a mistake in any case.</summary>
    private void Refuse()
    {
        if (rows == 0)
        {
            throw new ListUnreadableException("The file has a header but no rows.");
        }

        if (rejected == rows)
        {
            throw new ListUnreadableException($"None of the {rows} rows can be called, so nothing was changed. The first: {first[0].Reason}");
        }
    }

    private static bool IsBlank(CsvRecordReader records)
    {
        for (var i = 0; i < records.FieldCount; i++)
        {
            if (!records.Field(i).IsWhiteSpace())
            {
                return false;
            }
        }

        return records.Fault == CsvFault.None;
    }
}
