using CsCheck;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Contacts.Lists.Csv;
using Xunit;

namespace Dialer.Tests.Contacts.Lists;

public sealed class CsvRecordReaderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a,b\r\nc,d", "1:a|b 2:c|d")]
    [InlineData("a,b\nc,d\n", "1:a|b 2:c|d")]
    [InlineData("a,b\rc,d\r", "1:a|b 2:c|d")]
    [InlineData("\"a,1\",\"b\"\"2\"\"\"\nc,", "1:a,1|b\"2\" 2:c|")]
    [InlineData("\n\n\"a\nb\",c\r\n\r\nd", "3:a\nb|c 6:d")]
    [InlineData(" \"a\" , b\n", "1:a| b")]
    [InlineData("ООО \"Ромашка\",1\nb,2", "1:ООО \"Ромашка\"|1 2:b|2")]
    [InlineData("a,\"\"\n\"\"", "1:a|")]
    public async Task Fields_and_line_numbers_are_those_of_the_text(string text, string expected) =>
        Assert.Equal(expected, await ReadAsync(text, 1));

    [Theory]
    [InlineData("a,1\n\"b,2\nc,3\nd,4\n", "1:a|1 2!LoneQuote 3:c|3 4:d|4")]
    [InlineData("a,1\n\"b,2\n\"c\",3\nd,4\n", "1:a|1 2!LoneQuote 3:c|3 4:d|4")]
    [InlineData("\"a\"b,1\nc,2", "1!LoneQuote 2:c|2")]
    [InlineData("a,1\n\"b", "1:a|1 2!LoneQuote")]
    public async Task A_lone_quote_costs_its_own_line_and_no_other(string text, string expected) =>
        Assert.Equal(expected, await ReadAsync(text, 1));

    [Fact]
    public async Task A_line_of_ten_megabytes_is_reported_and_passed_over_in_bounded_memory()
    {
        var text = "a,1\nb," + new string('x', 10_000_000) + "\nc,3\n\"" + new string('y', 3_000_000) + "\nd,4\n";
        Assert.Equal("1:a|1 2!TooLong 3:c|3 4!TooLong 5:d|4", await ReadAsync(text, 70_001));
    }

    [Fact]
    public async Task Quotes_that_never_pair_up_end_the_reading_instead_of_taking_for_ever()
    {
        // Each line opens a quote again, whether or not one is open: a million characters are looked at for each.
        var text = string.Concat(Enumerable.Repeat("a\",\"\"\"\n", 400_000));
        var error = await Assert.ThrowsAsync<ListUnreadableException>(() => ReadAsync(text, 100_000));
        Assert.Contains("do not pair up", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_written_by_the_rules_is_read_back_however_the_text_arrives()
    {
        var field = Gen.String[Gen.Char["ab \",;\r\nЖ"], 0, 12];
        Gen.Select(field.Array[1, 5].Array[1, 20], Gen.Int[1, 40], Gen.Bool).Sample(
            (rows, piece, windows) =>
            {
                var text = string.Concat(rows.Select(r => string.Join(',', r.Select(f => $"\"{f.Replace("\"", "\"\"")}\"")) + (windows ? "\r\n" : "\n")));
                using var source = new PiecewiseReader(text, piece);
                using var reader = new CsvRecordReader(source, ',');
                foreach (var row in rows.Where(r => r.Length > 1 || r[0].Length > 0))
                {
                    Assert.True(reader.ReadAsync(Ct).AsTask().GetAwaiter().GetResult());
                    Assert.Equal(row, Enumerable.Range(0, reader.FieldCount).Select(i => new string(reader.Field(i))));
                }

                Assert.False(reader.ReadAsync(Ct).AsTask().GetAwaiter().GetResult());
            },
            iter: 2_000);
    }

    private static async Task<string> ReadAsync(string text, int piece)
    {
        using var source = new PiecewiseReader(text, piece);
        using var reader = new CsvRecordReader(source, ',');
        var records = new List<string>();
        while (await reader.ReadAsync(Ct))
        {
            records.Add(reader.Fault != CsvFault.None
                ? $"{reader.Line}!{reader.Fault}"
                : $"{reader.Line}:{string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => new string(reader.Field(i))))}");
        }

        return string.Join(' ', records);
    }

    /// <summary>Text that arrives in pieces, as from a slow network.</summary>
    private sealed class PiecewiseReader(string text, int piece) : TextReader
    {
        private int at;

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
        {
            var length = Math.Min(Math.Min(piece, buffer.Length), text.Length - at);
            text.AsSpan(at, length).CopyTo(buffer.Span);
            at += length;
            return ValueTask.FromResult(length);
        }
    }
}
