using System.Globalization;
using System.Text;
using Dialer.Tests.Infrastructure;

namespace Dialer.Benchmarks.Imports;

/// <summary>A list in a file of its own, which is gone with it.</summary>
internal sealed class ListFile : IDisposable
{
    private ListFile(string path) => Path = path;

    public string Path { get; }

    public long Megabytes => new FileInfo(Path).Length >> 20;

    /// <summary>People with two numbers and one amount each, as an accounting program exports them.</summary>
    public static Task<ListFile> OfDebtsAsync(int rows, CancellationToken cancellationToken) =>
        // Neither sorted nor alike: numbers are spread over the codes, as in real lists.
        WriteAsync("\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"", 0, rows, (line, i) => line.Append(
            CultureInfo.InvariantCulture,
            $"\"Example Person {i}\",\"791{i * 7_919L % 100_000_000:00000000};8 (92{i * 7_919L % 10}) {i / 10_000 % 1000:000}-{i / 100 % 100:00}-{i % 100:00}\",\"BALANCE=-{i % 100_000}.{i % 100:00}\"\n"), cancellationToken);

    /// <summary>People of whom each answers at once and hangs up after a second; equal indices are equal people.</summary>
    public static Task<ListFile> OfShortCallsAsync(int from, int rows, CancellationToken cancellationToken) =>
        WriteAsync("NAME,PHONE_NUMBER", from, rows, (line, i) => line.Append(
            CultureInfo.InvariantCulture, $"Example {i},799919{i % 100_000:00000}\n"), cancellationToken);

    public FileStream Open() => File.OpenRead(Path);

    public void Dispose() => File.Delete(Path);

    private static async Task<ListFile> WriteAsync(
        string header, int from, int rows, Action<StringBuilder, int> append, CancellationToken cancellationToken)
    {
        var file = new ListFile(System.IO.Path.Combine(
            Checkout.Scratch, string.Create(CultureInfo.InvariantCulture, $"list-{Environment.ProcessId}-{from}-{rows}.csv")));
        await using var writer = new StreamWriter(file.Path, append: false, new UTF8Encoding(false), 1 << 20);
        await writer.WriteLineAsync(header);
        var line = new StringBuilder();
        for (var i = from; i < from + rows; i++)
        {
            append(line.Clear(), i);
            await writer.WriteAsync(line, cancellationToken);
        }

        return file;
    }
}
