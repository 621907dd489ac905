using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dialer.Simulation.Scripts;

/// <summary>Who answers how, and how long media play; read from a file of JSON.</summary>
public sealed record Script
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The first rule that fits a number decides; a number without a rule is answered at once, and stays.</summary>
    public IReadOnlyList<NumberRule> Numbers { get; init; } = [];

    /// <summary>The first rule that fits a medium decides; one without a rule plays as long as its file (16 bit, 8 kHz), if there is one.</summary>
    public IReadOnlyList<MediaRule> Media { get; init; } = [];

    /// <summary>How long media play that are neither ruled nor a file here.</summary>
    public Duration OtherMedia { get; init; } = new(0.1, 0.1, false);

    /// <exception cref="InvalidOperationException">The file cannot be read; the message says why.</exception>
    public static Script Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Script>(File.ReadAllBytes(path), s_options) ?? throw new JsonException("It is empty.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The script {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>How whoever is called behaves this time.</summary>
    internal Behaviour Draw(string number, Random random)
    {
        foreach (var rule in Numbers)
        {
            if (number.StartsWith(rule.Prefix, StringComparison.Ordinal) && number.EndsWith(rule.Suffix, StringComparison.Ordinal))
            {
                return Draw(rule.Behaviours, random);
            }
        }

        return s_answers;
    }

    private static readonly Behaviour s_answers = new();

    private static Behaviour Draw(IReadOnlyList<Behaviour> behaviours, Random random)
    {
        if (behaviours.Count == 1)
        {
            return behaviours[0];
        }

        var left = random.NextDouble() * behaviours.Sum(b => b.Weight);
        return behaviours.FirstOrDefault(b => (left -= b.Weight) < 0) ?? behaviours[^1];
    }
}
