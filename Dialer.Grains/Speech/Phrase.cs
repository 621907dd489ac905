namespace Dialer.Grains.Speech;

/// <summary>What is played one after the other: each part is one clip, rendered once and used again.</summary>
public sealed record Phrase(IReadOnlyList<string> Parts)
{
    /// <summary>The phrase as a person would read it.</summary>
    public override string ToString() => string.Join(' ', Parts);
}
