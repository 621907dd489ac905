using System.Text.RegularExpressions;

namespace Dialer.Hosting;

/// <summary>Telephone numbers in texts that people other than their owners read.</summary>
public static partial class NumberMask
{
    /// <summary>Leaves the last two digits of whatever looks like a number. Ids, addresses and JSON's own numbers stay as they are.</summary>
    public static string Apply(string text) => Number().Replace(text, static found => "…" + found.Value[^2..]);

    // With its plus (which JSON escapes), or ten digits and more that are no part of an id (attempt, silo, host:port) nor a value of JSON.
    [GeneratedRegex(@"(?:\+|\\u002B)\d{7,15}(?!\d)|(?<![\w.:~+-])\d{10,15}(?![\w-])", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
