using System.Text;
using System.Text.RegularExpressions;
using CsvHelper;

namespace Dialer.Web.Rest;

/// <summary>Streams rows as CSV; memory stays the same however many there are.</summary>
internal static partial class CsvDownload
{
    public static IResult Of<T>(string fileName, string[] header, IAsyncEnumerable<T> rows, Func<T, string?[]> fields) =>
        new Result<T>(fileName, header, rows, fields);

    /// <summary>
    /// A spreadsheet runs what begins like a formula. Numbers and telephone numbers begin so too and cannot do harm: they stay as they
    /// are, for the programs that read these files.
    /// </summary>
    internal static string? Guard(string? field) =>
        field is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] && !Harmless().IsMatch(field) ? "'" + field : field;

    [GeneratedRegex(@"^[+-]?[0-9][0-9 ().,;:+-]*$")]
    private static partial Regex Harmless();

    private sealed class Result<T>(string fileName, string[] header, IAsyncEnumerable<T> rows, Func<T, string?[]> fields) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var cancellationToken = httpContext.RequestAborted;
            await using var enumerator = rows.GetAsyncEnumerator(cancellationToken);
            // The query fails here, if it does, while the answer can still say so.
            var more = await enumerator.MoveNextAsync();
            var response = httpContext.Response;
            response.ContentType = "text/csv; charset=utf-8";
            response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
            try
            {
                await WriteAsync(response.Body, enumerator, more, cancellationToken);
            }
            catch (Exception) when (response.HasStarted)
            {
                // Half a file must not look like a whole one.
                httpContext.Abort();
                throw;
            }
        }

        private async Task WriteAsync(Stream body, IAsyncEnumerator<T> enumerator, bool more, CancellationToken cancellationToken)
        {
            await using var csv = CsvWriter.Create(body, new CsvWriterOptions { NewLine = "\r\n" }, leaveOpen: true);
            await csv.WriteRecordAsync(header, cancellationToken);
            while (more)
            {
                await csv.WriteRecordAsync([.. fields(enumerator.Current).Select(field => Guard(field)!)], cancellationToken);
                more = await enumerator.MoveNextAsync();
            }

            await csv.FlushAsync(cancellationToken);
        }
    }
}
