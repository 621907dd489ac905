using Dialer.Grains.Speech;

namespace Dialer.Grains.DialPlans;

/// <summary>A text cannot be read as a template.</summary>
public sealed class TemplateException(int position, string message) : Exception($"{message} (character {position})")
{
    /// <summary>Where in the text, counted from 1.</summary>
    public int Position { get; } = position;
}

/// <summary>A piece of a template.</summary>
public abstract record TemplateSegment
{
    /// <summary>The text of this piece for one contact.</summary>
    /// <exception cref="SpeechException">The variable is missing or empty.</exception>
    public abstract string Expand(IReadOnlyDictionary<string, string> variables);
}

/// <summary>A piece that is the same for everybody.</summary>
public sealed record TemplateText(string Text) : TemplateSegment
{
    public override string Expand(IReadOnlyDictionary<string, string> variables) => Text;
}

/// <summary>A piece that comes from the contact.</summary>
public sealed record TemplateVariable(string Name) : TemplateSegment
{
    public override string Expand(IReadOnlyDictionary<string, string> variables)
    {
        if (!variables.TryGetValue(Name, out var value))
        {
            // The dictionary of a contact need not be one that ignores case; names do.
            value = variables.FirstOrDefault(v => v.Key.Equals(Name, StringComparison.OrdinalIgnoreCase)).Value;
        }

        return string.IsNullOrWhiteSpace(value)
            ? throw new SpeechException(SpeechFault.Missing, "The contact has no value for it.", Name)
            : value;
    }
}

/// <summary>
/// A text with places for a contact's variables: <c>[% VAR:BALANCE %] rub</c>. Names are letters of any alphabet,
/// digits, <c>_</c> and <c>-</c>, and ignore case; spaces inside the brackets are optional.
/// </summary>
public sealed class Template
{
    private const string Open = "[%";
    private const string Close = "%]";

    private Template(IReadOnlyList<TemplateSegment> segments)
    {
        Segments = segments;
        Variables = segments.OfType<TemplateVariable>().Select(v => v.Name).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
    }

    public IReadOnlyList<TemplateSegment> Segments { get; }

    /// <summary>The variables in order of their first use, each once.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Reads a text.</summary>
    /// <exception cref="TemplateException">A bracket is left open or closes nothing, or holds something else than a variable.</exception>
    public static Template Parse(string text)
    {
        var segments = new List<TemplateSegment>();
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf(Open, at, StringComparison.Ordinal);
            var end = open < 0 ? text.Length : open;
            var stray = text.IndexOf(Close, at, end - at, StringComparison.Ordinal);
            if (stray >= 0)
            {
                throw new TemplateException(stray + 1, "«%]» closes nothing: a variable is written [% VAR:NAME %].");
            }

            if (end > at)
            {
                segments.Add(new TemplateText(text[at..end]));
            }

            if (open < 0)
            {
                break;
            }

            var close = text.IndexOf(Close, open + Open.Length, StringComparison.Ordinal);
            if (close < 0)
            {
                throw new TemplateException(open + 1, "«[%» is not closed: a variable is written [% VAR:NAME %].");
            }

            segments.Add(new TemplateVariable(NameIn(text[(open + Open.Length)..close].Trim(), open + 1)));
            at = close + Close.Length;
        }

        return new(segments);
    }

    /// <summary>The text for one contact.</summary>
    /// <exception cref="SpeechException">A variable is missing or empty; names it.</exception>
    public string Expand(IReadOnlyDictionary<string, string> variables) =>
        string.Concat(Segments.Select(s => s.Expand(variables)));

    private static string NameIn(string directive, int position)
    {
        var colon = directive.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !directive[..colon].TrimEnd().Equals("VAR", StringComparison.OrdinalIgnoreCase))
        {
            throw new TemplateException(position, $"«{directive}» is not known: only variables are, written [% VAR:NAME %].");
        }

        var name = directive[(colon + 1)..].Trim();
        return name.Length > 0 && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-')
            ? name
            : throw new TemplateException(position, $"«{name}» is not the name of a variable: letters, digits, _ and - make one.");
    }
}
