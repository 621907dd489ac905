using System.Text;
using System.Text.Unicode;
using UtfUnknown;

namespace Dialer.Storage.Contacts.Lists.Csv;

/// <summary>Finds out in which encoding somebody's office program saved a list.</summary>
public static class EncodingDetector
{
    private static readonly (byte[] Magic, string What)[] NotText =
    [
        ("PK\u0003\u0004"u8.ToArray(), "an Excel or OpenDocument workbook (or a zip archive). Open it and save it as CSV"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook (.xls). Open it and save it as CSV"),
        ("%PDF"u8.ToArray(), "a PDF document. Export the list as CSV"),
        ([0x1F, 0x8B], "a gzip archive. Unpack it and upload the CSV inside"),
        ("{\\rtf"u8.ToArray(), "an RTF document. Export the list as CSV"),
    ];

    static EncodingDetector() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The encoding of a code page, or windows-1252 where there is none.</summary>
    public static Encoding Ansi(int codePage) => Encoding.GetEncoding(codePage is 0 or 65001 ? 1252 : codePage);

    /// <summary>Refuses what is certainly no list.</summary>
    /// <exception cref="ListUnreadableException">It is empty, or a known format that is not text.</exception>
    public static void RefuseWhatIsNoText(ReadOnlySpan<byte> sample)
    {
        if (sample.IsEmpty)
        {
            throw new ListUnreadableException("The file is empty. Upload a CSV with the columns NAME, PHONE_NUMBER and USER_VARS.");
        }

        foreach (var (magic, what) in NotText)
        {
            if (sample.StartsWith(magic))
            {
                throw new ListUnreadableException($"The file is not CSV but {what}.");
            }
        }

        var trimmed = sample.TrimStart("\uFEFF \r\n\t"u8);
        if (trimmed.StartsWith("<"u8))
        {
            throw new ListUnreadableException("The file is not CSV but a web page or XML. Open it in a spreadsheet and save it as CSV.");
        }
    }

    /// <summary>The encoding by a byte order mark, or by the zero bytes of UTF-16 without one; null without either.</summary>
    /// <exception cref="ListUnreadableException">Zero bytes show that it is no text at all.</exception>
    public static Encoding? FromMarks(ReadOnlySpan<byte> sample, out int skip)
    {
        (Encoding? found, skip) = sample switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => (default(Encoding), 0),
        };
        if (found is not null)
        {
            return found;
        }

        int even = 0, odd = 0;
        for (var i = 0; i < sample.Length; i++)
        {
            if (sample[i] == 0)
            {
                _ = (i & 1) == 0 ? even++ : odd++;
            }
        }

        // Digits, delimiters and line breaks make up at least a fifth of any list; their high bytes are zero.
        var many = sample.Length / 10;
        return (even, odd) switch
        {
            _ when odd > many && even <= odd / 50 => Encoding.Unicode,
            _ when even > many && odd <= even / 50 => Encoding.BigEndianUnicode,
            _ when even + odd > sample.Length / 100 + 8 =>
                throw new ListUnreadableException("The file is not text (it is full of zero bytes). Save the list as CSV and upload that."),
            _ => null,
        };
    }

    /// <summary>The encoding of text that has bytes above 127 and no mark.</summary>
    /// <param name="bytes">The text, from its first such byte or before.</param>
    /// <param name="complete">Whether a character cut off at the end is a fault.</param>
    /// <param name="ansi">What an office program of the tenant's country writes when it does not write Unicode.</param>
    public static Encoding FromBytes(ReadOnlySpan<byte> bytes, bool complete, Encoding ansi)
    {
        if (IsUtf8(bytes, complete) || MostlyUtf8(bytes))
        {
            return Encoding.UTF8;
        }

        if (ReadsWell(bytes, ansi))
        {
            return ansi;
        }

        var best = CharsetDetector.DetectFromBytes(bytes.ToArray()).Detected;
        return best is { Encoding: not null, Confidence: >= 0.6f } && best.Encoding.IsSingleByte ? best.Encoding : ansi;
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes, bool complete)
    {
        for (var cut = 0; cut <= (complete ? 0 : Math.Min(3, bytes.Length)); cut++)
        {
            if (Utf8.IsValid(bytes[..^cut]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One spoiled byte does not make a UTF-8 file a windows-1251 one: that would turn every name into noise.</summary>
    private static bool MostlyUtf8(ReadOnlySpan<byte> bytes)
    {
        int sound = 0, spoiled = 0;
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var used);
            if (status != System.Buffers.OperationStatus.Done)
            {
                spoiled++;
            }
            else if (!rune.IsAscii)
            {
                sound++;
            }

            bytes = bytes[used..];
        }

        return sound > spoiled * 10;
    }

    /// <summary>Whether the text looks like words: letters, in an order of upper and lower case that people write.</summary>
    private static bool ReadsWell(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        int letters = 0, strange = 0, capitalised = 0, reversed = 0;
        var before = ' ';
        foreach (var c in encoding.GetString(bytes))
        {
            if (c > 127)
            {
                _ = char.IsLetter(c) ? letters++ : "№«»–—“”„‘’…\u00A0°§".Contains(c) ? 0 : strange++;
                capitalised += char.IsUpper(before) && char.IsLower(c) ? 1 : 0;
                reversed += char.IsLower(before) && char.IsUpper(c) ? 1 : 0;
            }

            before = c;
        }

        return strange * 20 <= letters && reversed <= capitalised;
    }
}
