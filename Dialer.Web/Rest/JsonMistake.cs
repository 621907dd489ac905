using System.Text.Json;
using System.Text.RegularExpressions;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.DialPlans;

namespace Dialer.Web.Rest;

/// <summary>Says what is wrong with a body in words of the contract instead of those of .NET types.</summary>
internal static partial class JsonMistake
{
    public const string KindExpected = "'kind' is expected to be one of autoInformer, sayText, playback, queue.";

    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["System.TimeSpan"] = "a duration like \"00:00:10\" (hours:minutes:seconds)",
        ["System.TimeOnly"] = "a local time like \"09:00\"",
        ["System.DateOnly"] = "a date like \"2030-12-31\"",
        ["System.DateTimeOffset"] = "an instant like \"2030-12-31T09:00:00+03:00\"",
        ["System.Boolean"] = "true or false",
        ["System.Int32"] = "a whole number",
        ["System.Double"] = "a number",
        ["System.String"] = "a text",
    };

    public static RefusedException Explain(JsonException error, Type body)
    {
        var path = Field(error.Path);
        if (MissingFields().Match(error.Message) is { Success: true } missing)
        {
            var names = Quoted().Matches(missing.Groups["names"].Value).Select(name => name.Groups[1].Value).ToArray();
            var field = path.Length == 0 ? names[0] : $"{path}.{names[0]}";
            return RefusedException.Invalid(field, $"Missing: {string.Join(", ", names)}.");
        }

        if (UnknownField().Match(error.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups["name"].Value;
            var field = path.EndsWith(name, StringComparison.Ordinal) ? path : path.Length == 0 ? name : $"{path}.{name}";
            return RefusedException.Invalid(field, $"There is no field '{name}' here.{Known(unknown.Groups["type"].Value)}");
        }

        if (WrongType().Match(error.Message) is { Success: true } wrong)
            return RefusedException.Invalid(path, $"{Capital(path)} is expected to be {Describe(wrong.Groups["type"].Value)}.");

        if (error.Message.Contains("discriminator", StringComparison.Ordinal))
            return RefusedException.Invalid("kind", KindExpected);

        if (NullValue().Match(error.Message) is { Success: true } nothing)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(nothing.Groups["name"].Value);
            var field = path.EndsWith(name, StringComparison.Ordinal) ? path : path.Length == 0 ? name : $"{path}.{name}";
            return RefusedException.Invalid(field, $"'{name}' must not be null.");
        }

        if (DuplicateField().Match(error.Message) is { Success: true } duplicate)
            return RefusedException.Invalid(duplicate.Groups["name"].Value, $"'{duplicate.Groups["name"].Value}' is given twice.");

        var at = error.LineNumber is { } line ? $" (line {line + 1}, character {error.BytePositionInLine + 1})" : "";
        return RefusedException.Invalid(path, $"The body is not well-formed JSON{at}.");
    }

    private static string Field(string? path) =>
        path is null or "$" ? "" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path[1..];

    private static string Capital(string path) => path.Length == 0 ? "The body" : $"'{path}'";

    private static string Describe(string type)
    {
        var plain = NullableType().Match(type) is { Success: true } nullable ? nullable.Groups["type"].Value : type;
        if (Expected.TryGetValue(plain, out var words))
            return words;
        if (typeof(Extension).Assembly.GetType(plain) is { IsEnum: true } names)
            return $"one of {string.Join(", ", Enum.GetNames(names).Select(JsonNamingPolicy.CamelCase.ConvertName))}";
        return plain.Contains("Dictionary", StringComparison.Ordinal) ? "an object"
            : plain.Contains("List", StringComparison.Ordinal) || plain.EndsWith("[]", StringComparison.Ordinal) ? "an array"
            : "an object";
    }

    private static string Known(string type)
    {
        if (typeof(Extension).Assembly.GetType(type) is not { } record)
            return "";
        var fields = RestJson.Options.GetTypeInfo(record).Properties.Select(property => property.Name).Where(name => name[0] != '$');
        return $" Known are: {string.Join(", ", fields)}.";
    }

    [GeneratedRegex(@"missing required properties including: (?<names>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex MissingFields();

    [GeneratedRegex(@"'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"property '(?<name>[^']+)' could not be mapped to any \.NET member contained in type '(?<type>[^']+)'", RegexOptions.ExplicitCapture)]
    private static partial Regex UnknownField();

    [GeneratedRegex(@"could not be converted to (?<type>.+?)\.( Path:|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex WrongType();

    [GeneratedRegex(@"System\.Nullable`1\[(?<type>[^\],]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex NullableType();

    [GeneratedRegex(@"(property or field|constructor parameter) '(?<name>[^']+)'.*(null)", RegexOptions.ExplicitCapture)]
    private static partial Regex NullValue();

    [GeneratedRegex(@"[Dd]uplicate property '(?<name>[^']+)'", RegexOptions.ExplicitCapture)]
    private static partial Regex DuplicateField();
}
