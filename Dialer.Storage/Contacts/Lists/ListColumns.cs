namespace Dialer.Storage.Contacts.Lists;

/// <summary>What stands in a column of a list.</summary>
public enum ColumnKind
{
    /// <summary>Nothing: a column without a header.</summary>
    Ignored,

    /// <summary>The person's name.</summary>
    Name,

    /// <summary>Telephone numbers, separated by <c>;</c> or <c>,</c>.</summary>
    Numbers,

    /// <summary>Variables as <c>NAME=value</c>, separated by <c>;</c> or line breaks.</summary>
    Variables,

    /// <summary>The person's IANA time zone.</summary>
    TimeZone,

    /// <summary>One variable, under its header.</summary>
    Variable,
}

/// <summary>Which column of a file holds what, by its header: in any case and order, in English or Russian.</summary>
public sealed class ListColumns
{
    private static readonly Dictionary<string, ColumnKind> Known = new(StringComparer.OrdinalIgnoreCase);

    private readonly (ColumnKind Kind, string Header)[] columns;

    static ListColumns()
    {
        Add(ColumnKind.Name, "NAME", "FULLNAME", "CLIENT", "CUSTOMER", "ФИО", "ИМЯ", "НАИМЕНОВАНИЕ", "КЛИЕНТ", "АБОНЕНТ", "КОНТРАГЕНТ", "ПЛАТЕЛЬЩИК");
        Add(ColumnKind.Numbers, "PHONENUMBER", "PHONENUMBERS", "PHONE", "PHONES", "NUMBER", "NUMBERS", "TEL", "TELEPHONE", "MOBILE", "ТЕЛЕФОН", "ТЕЛЕФОНЫ", "НОМЕРТЕЛЕФОНА", "НОМЕРАТЕЛЕФОНОВ", "МОБИЛЬНЫЙ", "МОБИЛЬНЫЙТЕЛЕФОН");
        Add(ColumnKind.Variables, "USERVARS", "USERVARIABLES", "VARS", "VARIABLES", "ПЕРЕМЕННЫЕ");
        Add(ColumnKind.TimeZone, "TIMEZONE", "TZ", "ЧАСОВОЙПОЯС");
    }

    private ListColumns((ColumnKind Kind, string Header)[] columns)
    {
        this.columns = columns;
        Name = Header(ColumnKind.Name);
        Numbers = Header(ColumnKind.Numbers);
        Variables = Header(ColumnKind.Variables);
    }

    /// <summary>How many columns the header has, blank ones at its end not counted.</summary>
    public int Count => columns.Length;

    /// <summary>The file's own header of the names.</summary>
    public string Name { get; }

    /// <summary>The file's own header of the numbers.</summary>
    public string Numbers { get; }

    /// <summary>The file's own header of the variables, or ours where it has none.</summary>
    public string Variables { get; }

    /// <summary>How many of the columns that every list has are there, of two; more than that for the optional ones.</summary>
    public int Recognised => columns.Count(c => c.Kind is ColumnKind.Name or ColumnKind.Numbers or ColumnKind.Variables or ColumnKind.TimeZone);

    /// <summary>What a column holds; <see cref="ColumnKind.Ignored"/> behind the last.</summary>
    public ColumnKind this[int index] => index < columns.Length ? columns[index].Kind : ColumnKind.Ignored;

    /// <summary>The header of a column as the file has it.</summary>
    public string HeaderAt(int index) => columns[index].Header;

    /// <summary>Reads a header; null where a record is none, because it names no column of numbers.</summary>
    public static ListColumns? From(IReadOnlyList<string> header)
    {
        var count = header.Count;
        while (count > 0 && string.IsNullOrWhiteSpace(header[count - 1]))
        {
            count--;
        }

        var named = header.Take(count).Select(h => h.Trim()).Select(h => (KindOf(h), h)).ToArray();
        return named.Any(c => c.Item1 == ColumnKind.Numbers) ? new ListColumns(named) : null;
    }

    /// <summary>Refuses a header that leaves open who is called, or with what.</summary>
    /// <exception cref="ListUnreadableException">A column is missing, or is there twice.</exception>
    public void Check()
    {
        if (columns.All(c => c.Kind != ColumnKind.Name))
        {
            throw new ListUnreadableException($"The file has no column NAME (or ФИО). Its columns are: {string.Join(", ", columns.Select(c => c.Header))}.");
        }

        var twice = columns.Where(c => c.Kind != ColumnKind.Ignored)
            .GroupBy(c => c.Kind == ColumnKind.Variable ? c.Header : c.Kind.ToString(), StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
        {
            throw new ListUnreadableException($"The columns {string.Join(" and ", twice.Select(c => $"«{c.Header}»"))} mean the same. Keep one of them.");
        }
    }

    private static ColumnKind KindOf(string header)
    {
        var key = string.Concat(header.Where(char.IsLetterOrDigit));
        return header.Length == 0 ? ColumnKind.Ignored : Known.GetValueOrDefault(key, ColumnKind.Variable);
    }

    private static void Add(ColumnKind kind, params string[] headers)
    {
        foreach (var header in headers)
        {
            Known.Add(header, kind);
        }
    }

    private string Header(ColumnKind kind) =>
        columns.FirstOrDefault(c => c.Kind == kind).Header ?? (kind == ColumnKind.Variables ? "USER_VARS" : kind.ToString());
}
