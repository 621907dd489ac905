using System.Buffers;
using System.Text;

namespace Dialer.Storage.Contacts.Lists.Csv;

/// <summary>
/// The text of an upload: finds its encoding from the first 64 KB, then decodes as it is read.
/// </summary>
/// <remarks>
/// Plain ASCII says nothing about what a name further down is written in, so there the decision waits for the first
/// byte above 127. Bytes that are no text in the chosen encoding come out as U+FFFD, which no row may contain.
/// </remarks>
public sealed class ListText : TextReader
{
    private const int BlockSize = 1 << 16;

    private readonly Stream body;
    private readonly Encoding fallback;
    private byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
    private int start;
    private int end;
    private bool ended;
    private Decoder? decoder;

    private ListText(Stream body, Encoding fallback)
    {
        this.body = body;
        this.fallback = fallback;
    }

    /// <summary>The name of the encoding as found so far, such as <c>windows-1251</c>; <c>us-ascii</c> while nothing else was needed.</summary>
    public string EncodingName { get; private set; } = "us-ascii";

    /// <summary>The text of the first block, for finding out the dialect; reading still starts at the beginning.</summary>
    public string Sample { get; private set; } = "";

    /// <summary>Reads the first block and finds the encoding.</summary>
    /// <param name="body">The upload; not disposed here.</param>
    /// <param name="ansiCodePage">The 8-bit code page of the tenant's culture, for text that is not Unicode.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ListUnreadableException">There is nothing, or it is no text.</exception>
    public static async Task<ListText> OpenAsync(Stream body, int ansiCodePage, CancellationToken cancellationToken)
    {
        var text = new ListText(body, EncodingDetector.Ansi(ansiCodePage));
        await text.FillAsync(cancellationToken);
        text.Begin();
        return text;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (start == end)
            {
                if (ended)
                {
                    return Decode(buffer.Span, flush: true);
                }

                await FillAsync(cancellationToken);
            }

            if (decoder is null && start < end && AsciiAhead() == 0)
            {
                // The whole block ahead takes part in the decision, not only the first strange byte.
                await FillAsync(cancellationToken);
                Decide(block.AsSpan(start, end - start));
            }

            if (Decode(buffer.Span, flush: false) is > 0 and var written)
            {
                return written;
            }
        }
    }

    /// <inheritdoc/>
    public override int Read() => throw new NotSupportedException("Lists are read asynchronously.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && block.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(block);
            block = [];
            start = end = 0;
            ended = true;
        }

        base.Dispose(disposing);
    }

    private void Begin()
    {
        var sample = block.AsSpan(0, end);
        EncodingDetector.RefuseWhatIsNoText(sample);
        var marked = EncodingDetector.FromMarks(sample, out var skip);
        start = skip;
        if (marked is not null)
        {
            Use(marked);
        }
        else if (AsciiAhead() < end)
        {
            Decide(sample);
        }

        var encoding = Encoding.GetEncoding(EncodingName == "us-ascii" ? "utf-8" : EncodingName);
        Sample = encoding.GetString(block, start, end - start);
    }

    private void Decide(ReadOnlySpan<byte> bytes) => Use(EncodingDetector.FromBytes(bytes, complete: ended, fallback));

    private void Use(Encoding encoding)
    {
        EncodingName = encoding.WebName;
        decoder = encoding.GetDecoder();
    }

    private int AsciiAhead()
    {
        var other = block.AsSpan(start, end - start).IndexOfAnyExceptInRange((byte)0, (byte)127);
        return other < 0 ? end - start : other;
    }

    private int Decode(Span<char> into, bool flush)
    {
        if (decoder is null)
        {
            var length = Math.Min(AsciiAhead(), into.Length);
            length = Encoding.ASCII.GetChars(block.AsSpan(start, length), into);
            start += length;
            return length;
        }

        decoder.Convert(block.AsSpan(start, end - start), into, flush, out var used, out var written, out _);
        start += used;
        return written;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        block.AsSpan(start, end - start).CopyTo(block);
        end -= start;
        start = 0;
        while (!ended && end < BlockSize)
        {
            var read = await body.ReadAsync(block.AsMemory(end, BlockSize - end), cancellationToken);
            ended = read == 0;
            end += read;
        }
    }
}
