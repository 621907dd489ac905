using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Paging;
using Dialer.Web.Rest;
using Xunit;

namespace Dialer.Tests.Rest;

public sealed class QueryParameterTests
{
    [Theory]
    [InlineData("2026-03-09T00:00:00+03:00")]
    [InlineData("2026-03-09T00:00:00 03:00")]
    [InlineData("2026-03-08T21:00:00Z")]
    [InlineData("2026-03-08T21:00Z")]
    public void An_instant_is_read_with_its_offset(string text) =>
        Assert.Equal(new DateTimeOffset(2026, 3, 8, 21, 0, 0, TimeSpan.Zero), QueryParameters.Instant("from", text));

    [Theory]
    [InlineData("2026-03-09")]
    [InlineData("2026-03-09T00:00:00")]
    [InlineData("yesterday")]
    public void An_instant_without_offset_is_refused_by_name(string text) =>
        Assert.Equal("from", Assert.Throws<RefusedException>(() => QueryParameters.Instant("from", text)).Field);

    [Fact]
    public void States_are_divided_by_commas() =>
        Assert.Equal([ContactState.Done, ContactState.Failed], QueryParameters.Names<ContactState>("state", "done, failed"));

    [Theory]
    [InlineData("Done")]
    [InlineData("2")]
    [InlineData("done,")]
    [InlineData("gone")]
    public void An_unknown_state_is_refused_with_those_there_are(string text) =>
        Assert.Contains(
            "waiting, calling, done, failed, withdrawn",
            Assert.Throws<RefusedException>(() => QueryParameters.Names<ContactState>("state", text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("+7 (950) 888-12-34", "79508881234")]
    [InlineData("1234", "1234")]
    public void A_number_is_looked_for_by_its_digits(string text, string digits) => Assert.Equal(digits, QueryParameters.Digits("number", text));

    [Theory]
    [InlineData("%")]
    [InlineData("79_1")]
    [InlineData("+")]
    public void What_is_no_number_is_refused(string text) =>
        Assert.Equal("number", Assert.Throws<RefusedException>(() => QueryParameters.Digits("number", text)).Field);

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("-1")]
    [InlineData("many")]
    public void A_limit_outside_1_to_1000_is_refused(string limit) =>
        Assert.Equal("limit", Assert.Throws<RefusedException>(() => QueryParameters.Page(new RowsQuery(Limit: limit))).Field);

    [Theory]
    [InlineData("%%%")]
    [InlineData("bm90IGpzb24")]
    [InlineData("WyJhIl0")]
    [InlineData("WyJhIixudWxsLCJiIl0")]
    public void A_cursor_that_is_not_ours_is_refused(string cursor) =>
        Assert.Equal("cursor", Assert.Throws<RefusedException>(() => QueryParameters.Page(new RowsQuery(Cursor: cursor))).Field);

    [Fact]
    public void A_cursor_fits_into_an_address_and_comes_back()
    {
        var cursor = new Cursor("-name", "Ёлкин & сыновья/+?", "42");
        var text = cursor.ToString();

        Assert.Equal(text, Uri.EscapeDataString(text));
        Assert.True(Cursor.TryParse(text, out var read));
        Assert.Equal(cursor, read);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0")]
    [InlineData("-x", "'-x")]
    [InlineData("+79508881234", "+79508881234")]
    [InlineData("+79508881234;+79161234567", "+79508881234;+79161234567")]
    [InlineData("-68.27", "-68.27")]
    [InlineData("Igor", "Igor")]
    [InlineData(null, null)]
    public void A_formula_is_disarmed_and_a_number_is_not(string? field, string? written) => Assert.Equal(written, CsvDownload.Guard(field));
}
