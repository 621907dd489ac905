using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dialer.Simulation.Scripts;

/// <summary>
/// A time that a script tells, in seconds: <c>2.5</c>, <c>[1, 4]</c> (evenly between both), or <c>{"mean": 20}</c> (exponentially
/// distributed, as the lengths of talks nearly are).
/// </summary>
[JsonConverter(typeof(DurationConverter))]
public readonly record struct Duration(double From, double To, bool IsExponential)
{
    /// <summary>One time of this distribution.</summary>
    public TimeSpan Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return TimeSpan.FromSeconds(
            IsExponential ? -From * Math.Log(1 - random.NextDouble())
            : From == To ? From
            : From + ((To - From) * random.NextDouble()));
    }
}

internal sealed class DurationConverter : JsonConverter<Duration>
{
    private const string Forms = "A time is a number of seconds, [from, to], or {\"mean\": seconds}; none is below zero.";

    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        var root = json.RootElement;
        var read = root.ValueKind switch
        {
            JsonValueKind.Number => new Duration(root.GetDouble(), root.GetDouble(), false),
            JsonValueKind.Array when root.GetArrayLength() == 2 => new Duration(Number(root[0]), Number(root[1]), false),
            JsonValueKind.Object when root.TryGetProperty("mean", out var mean) => new Duration(Number(mean), Number(mean), true),
            _ => throw new JsonException(Forms),
        };
        return read.From >= 0 && read.To >= read.From ? read : throw new JsonException(Forms);
    }

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static double Number(JsonElement json) => json.ValueKind == JsonValueKind.Number ? json.GetDouble() : throw new JsonException(Forms);
}
