using System.Globalization;
using System.Text;
using Dialer.Storage.Contacts.Lists;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

public sealed class ListImportTests(PrivatePostgres postgres)
{
    private const string Scenario =
        "\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n\"Igor Lipko\",\"17605632123;79508881234\",\"BALANCE=-68.27\"\n\"Ilya mihailov\",\"7760569623\",\"BALANCE=-525.19\"\n";

    [Fact]
    public async Task The_list_of_the_scenario_is_taken_with_all_its_numbers()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        var (id, result) = await lists.ImportAsync(Scenario);

        Assert.Equal((ListState.Done, null), (result.State, result.Failure));
        Assert.Equal(new ListCounts(2, 2, 0, 0, 1), result.Counts);
        Assert.Equal(
            "Igor Lipko 17605632123;+79508881234 {\"BALANCE\":\"-68.27\"} 0\nIlya mihailov +77760569623 {\"BALANCE\":\"-525.19\"} 0",
            await lists.ContactsAsync());
        Assert.Equal(
            "2 PHONE_NUMBER Warning: The number is in no known numbering plan; it will be dialled as written. [17605632123]",
            await lists.ProblemsAsync(id));
        Assert.Equal("2 0 0 0 0", await lists.CountersAsync());
        Assert.Equal(1L, await lists.AskAsync<long>("select count(*) from contact where next_due_at <= now() and generation = 0 and numbers[1] = '17605632123'"));
    }

    [Fact]
    public async Task The_same_500_rows_in_eight_encodings_and_dialects_give_the_same_contacts()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var english = CultureInfo.InvariantCulture;
        var russian = CultureInfo.GetCultureInfo("ru-RU");
        (string Encoding, bool Mark, char Delimiter, string Format, CultureInfo Culture, bool Columns)[] files =
        [
            ("utf-8", false, ',', "F2", english, false),
            ("utf-8", true, ';', "F2", russian, false),
            ("windows-1251", false, ';', "N2", russian, true),
            ("windows-1251", false, '\t', "F2", russian, false),
            ("utf-16", true, '\t', "N2", russian, true),
            ("utf-16", false, ',', "N2", english, true),
            ("utf-16BE", true, ';', "F2", english, true),
            ("utf-8", false, '|', "N2", english, false),
        ];
        await using var lists = await ListFixture.CreateAsync(postgres);
        string? first = null;
        foreach (var file in files)
        {
            var text = new StringBuilder(file.Columns ? "user_vars|Телефон|BALANCE|фио\r\n" : "Phone Number|NAME|user_VARS\r\n").Replace('|', file.Delimiter);
            for (var i = 0; i < 500; i++)
            {
                var amount = (((i * 7919) - 1_500_000) / 100m).ToString(file.Format, file.Culture);
                var (name, numbers) = ($"Иванов Пётр {i}", $"8 (903) 123-{i / 100:00}-{i % 100:00}; +7 495 765 43 {i % 100:00}");
                string[] fields = file.Columns
                    ? ["CITY=Тверь", numbers, amount, name]
                    : [numbers, name, (i & 1) == 0 ? $"CITY=Тверь;BALANCE={amount}" : $"CITY=Тверь\nBALANCE={amount}"];
                text.AppendJoin(file.Delimiter, fields.Select(f => $"\"{f}\"")).Append("\r\n");
            }

            var encoding = Encoding.GetEncoding(file.Encoding);
            byte[] bytes = [.. file.Mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text.ToString())];
            var (id, result) = await lists.ImportAsync(bytes);
            Assert.True(result.State == ListState.Done, $"{file}: {result.Failure?.Reason}");
            Assert.Equal((500, 0), (result.Counts.Contacts, result.Counts.Rejected));
            var contacts = await lists.ContactsAsync();
            first ??= contacts;
            Assert.Equal(first, contacts);
            Assert.StartsWith(file.Encoding.ToUpperInvariant(), (await lists.Queries.FindAsync(lists.Campaign, id, 1, TestContext.Current.CancellationToken))!.Summary.Dialect!.ToUpperInvariant());
        }

        Assert.Contains("Иванов Пётр 0 +79031230000;+74957654300 {\"CITY\":\"Тверь\",\"BALANCE\":\"-15000.00\"} 0", first);
        Assert.Equal("500 0 0 0 0", await lists.CountersAsync());
    }

    [Fact]
    public async Task Bad_rows_are_rejected_with_line_column_and_reason_and_the_good_ones_go_on()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        var (id, result) = await lists.ImportAsync(
            "NAME;PHONE_NUMBER;BALANCE;TIME_ZONE\n"
            + "Good;79031234567;-1,50;Asia/Omsk\n"
            + "No number;;-1,50\n"
            + "No amount;79031234568;\n"
            + "Word;79031234569;много\n"
            + "Evil;79031234567@host;1,50\n"
            + "Half;79031234560,call me;1,50\n"
            + "\"Lone;79031234561;1,50\n"
            + "Excel;7,90312E+10;1,50\n"
            + "Zone;79031234562;1,50;Nowhere\n"
            + "More;79031234563;1;50;1;2\n"
            + "Zero\0;79031234564;1,50\n"
            + $"Long;79031234565;1,50;{new string(' ', 5)}\n"
            + $"{new string('n', 501)};79031234566;1,50\n"
            + ";;;\n"
            + "good;8 903 123 45 67;7,00\n"
            + "Last;89031234599;2,00");

        Assert.Equal(ListState.Done, result.State);
        Assert.Equal(
            """
            3 PHONE_NUMBER Rejected: The row has no telephone number. []
            4 BALANCE Rejected: BALANCE is missing; the dial plan speaks it. []
            5 BALANCE Rejected: BALANCE is not an amount such as -1234.56 or -1 234,56. [много]
            6 PHONE_NUMBER Warning: The number has characters that cannot be dialled, or is too short or too long; it is left out. [79031234567@host]
            6 PHONE_NUMBER Rejected: None of the row's telephone numbers can be dialled. []
            7 PHONE_NUMBER Warning: The number has characters that cannot be dialled, or is too short or too long; it is left out. [call me]
            8  Rejected: A quote opens here and is not closed as it should be. Double every quote inside a value. []
            9 PHONE_NUMBER Rejected: The spreadsheet has shortened the number. Format its column as text and save again. [7,90312E+10]
            10 TIME_ZONE Rejected: The time zone is unknown; write it like Europe/Moscow. [Nowhere]
            """,
            string.Join('\n', (await lists.ProblemsAsync(id)).Split('\n')[..9]));
        Assert.Equal(new ListCounts(15, 4, 10, 1, 2), result.Counts);
        Assert.Equal("Asia/Omsk", await lists.AskAsync<string>("select time_zone from contact where name = 'Good'"));

        using var csv = new StringWriter();
        await lists.Queries.WriteProblemsAsync(lists.Campaign, id, csv, TestContext.Current.CancellationToken);
        var lines = csv.ToString().Split("\r\n");
        Assert.Equal("line,column,reason,found", lines[0]);
        Assert.Equal("3,\"PHONE_NUMBER\",\"The row has no telephone number.\",\"\"", lines[1]);
        Assert.Equal("16,\"\",\"The same name with the same numbers is on line 2 already; called once.\",\"good\"", lines[^2]);
        Assert.Null(await lists.Queries.FindAsync(lists.Campaign + 1, id, 1, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("NAME;PHONE_NUMBER\n", "no rows")]
    [InlineData("Иванов;79031234567\nПетров;79031234568\n", "No column PHONE_NUMBER")]
    [InlineData("PHONE_NUMBER;BALANCE\n79031234567;1\n", "no column NAME")]
    [InlineData("NAME;ФИО;PHONE_NUMBER\na;b;79031234567\n", "mean the same")]
    [InlineData("NAME;PHONE_NUMBER;BALANCE\na;;1\n", "None of the 1 rows")]
    [InlineData("PK\u0003\u0004 xl/workbook.xml", "workbook")]
    [InlineData("%PDF-1.7", "PDF")]
    [InlineData("<html><table>", "web page")]
    [InlineData("\u0001\0\0\0\u0002\0\0\0\0\0\0\0\u0003\0\0\0\0\0\0\0\0\0\0\0\0\0", "not text")]
    public async Task A_file_that_is_no_list_changes_nothing_and_says_why(string text, string reason)
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        await lists.ImportAsync(Scenario);
        var before = await lists.ContactsAsync("true");

        var (id, result) = await lists.ImportAsync(text);

        Assert.Equal(ListState.Failed, result.State);
        Assert.Equal(ListFault.List, result.Failure!.Fault);
        Assert.Contains(reason, result.Failure.Reason, StringComparison.Ordinal);
        Assert.Equal(before, await lists.ContactsAsync("true"));
        Assert.Equal("2 0 0 0 0", await lists.CountersAsync());
        var details = (await lists.Queries.FindAsync(lists.Campaign, id, 100, TestContext.Current.CancellationToken))!;
        Assert.Equal((ListState.Failed, result.Failure.Reason), (details.Summary.State, details.Problems[0].Reason));
    }

    [Fact]
    public async Task Titles_above_the_header_and_the_separator_line_of_Excel_are_passed_over()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        var (_, result) = await lists.ImportAsync("sep=;\nЗадолженность на 01.02.2026;;\n;;\nФИО;Телефон;BALANCE\nИванов;89031234567;5,10\nИтого;;5,10\n");
        Assert.Equal((1, 1), (result.Counts.Contacts, result.Counts.Rejected));
        Assert.Equal("Иванов +79031234567 {\"BALANCE\":\"5.10\"} 0", await lists.ContactsAsync());
    }

    [Fact]
    public async Task A_name_that_is_not_ASCII_for_the_first_time_far_down_is_still_read_right()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        await using var lists = await ListFixture.CreateAsync(postgres);
        var text = new StringBuilder("NAME;PHONE_NUMBER;BALANCE\n");
        for (var i = 0; i < 5_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"Name {i};7903{i:0000000};1,50\n");
        }

        text.Append("Иванов;79039999999;1,50\n");
        foreach (var encoding in new[] { "utf-8", "windows-1251" })
        {
            var (_, result) = await lists.ImportAsync(Encoding.GetEncoding(encoding).GetBytes(text.ToString()));
            Assert.Equal(5_001, result.Counts.Contacts);
            Assert.Equal("Иванов +79039999999 {\"BALANCE\":\"1.50\"} 0", await lists.ContactsAsync("list = (select max(list) from contact) and numbers[1] = '+79039999999'"));
        }
    }

    [Fact]
    public async Task A_value_of_ten_thousand_characters_and_a_line_of_ten_megabytes_cost_only_their_rows()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        var (id, result) = await lists.ImportAsync(
            $"NAME,PHONE_NUMBER,NOTE,BALANCE\nA,79031234567,{new string('x', 10_000)},1.50\nB,79031234568,{new string('y', 10_000_000)},1.50\nC,79031234569,{new string('z', 4_000)},1.50\n");
        Assert.Equal((1, 2), (result.Counts.Contacts, result.Counts.Rejected));
        Assert.Matches("^2 NOTE Rejected: NOTE is longer than 4000 characters. .*\n3  Rejected: The line is longer than a million characters.", await lists.ProblemsAsync(id));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_changes_nothing()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        await lists.ImportAsync(Scenario);
        using var body = new BrokenStream(3_000_000);
        var (id, result) = await lists.ImportAsync(body);

        Assert.Equal(ListState.Failed, result.State);
        Assert.Contains("Upload it again", result.Failure!.Reason, StringComparison.Ordinal);
        Assert.True(result.Counts.Rows > 10_000);
        Assert.Equal(2L, await lists.AskAsync<long>("select count(*) from contact"));
        Assert.Equal("2 0 0 0 0", await lists.CountersAsync());
        Assert.Equal(result.Failure.Reason, (await lists.Queries.FindAsync(lists.Campaign, id, 1, TestContext.Current.CancellationToken))!.Problems[0].Reason);
        Assert.Equal(0L, await lists.AskAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"));
    }

    [Fact]
    public async Task Every_row_of_a_file_may_be_bad_without_the_problems_getting_lost()
    {
        await using var lists = await ListFixture.CreateAsync(postgres);
        var text = new StringBuilder("NAME,PHONE_NUMBER,BALANCE\nGood,79031234567,1\n");
        for (var i = 0; i < 20_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"Bad {i},,1\nGood {i},7904{i:0000000},1\n");
        }

        var (id, result) = await lists.ImportAsync(text.ToString());
        Assert.Equal((20_001, 20_000), (result.Counts.Contacts, result.Counts.Rejected));
        Assert.Equal(20_000L, await lists.AskAsync<long>($"select count(*) from contact_list_problem where list = {id}"));
        Assert.Equal("20001 0 0 0 0", await lists.CountersAsync());
    }

    /// <summary>Rows without end, until the sender goes away.</summary>
    private sealed class BrokenStream(int breakAfter) : MemoryStream
    {
        private int given;
        private int row;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (given > breakAfter)
            {
                throw new IOException("Unexpected end of request content.");
            }

            var text = given == 0 ? "NAME,PHONE_NUMBER,BALANCE\n" : string.Create(CultureInfo.InvariantCulture, $"Somebody {row},7903{row++ % 10_000_000:0000000},1.50\n");
            // What does not fit is cut, and costs a row or two.
            var length = Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, buffer.Length)), buffer.Span);
            given += length;
            return ValueTask.FromResult(length);
        }
    }
}
