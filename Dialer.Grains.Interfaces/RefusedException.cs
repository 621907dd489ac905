namespace Dialer.Grains.Interfaces;

/// <summary>Why a command was refused; the REST interface answers each with its own status code.</summary>
[GenerateSerializer, Alias("Dialer.Refusal")]
public enum Refusal
{
    /// <summary>A value is not acceptable (400).</summary>
    Invalid,
    /// <summary>The thing named does not exist (404).</summary>
    NotFound,
    /// <summary>Something else uses it, or its present state does not allow it (409).</summary>
    Conflict,
    /// <summary>A part that is needed (speech, database, node) cannot be reached now (503).</summary>
    Unavailable,
}

/// <summary>A command that was refused, with a message for the person who sent it. Nothing was changed.</summary>
[GenerateSerializer, Alias("Dialer.RefusedException")]
public sealed class RefusedException : Exception
{
    public RefusedException(Refusal refusal, string message, string? field = null) : base(message)
    {
        Refusal = refusal;
        Field = field;
    }

    public RefusedException() { }
    public RefusedException(string message) : base(message) { }
    public RefusedException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>The kind of refusal.</summary>
    [Id(0)] public Refusal Refusal { get; init; }

    /// <summary>The JSON name of the offending field (<c>schedule[0].from</c>), or null where no field is at fault.</summary>
    [Id(1)] public string? Field { get; init; }

    public static RefusedException Invalid(string field, string message) => new(Refusal.Invalid, message, field);
    public static RefusedException NotFound(string message) => new(Refusal.NotFound, message);
    public static RefusedException Conflict(string message) => new(Refusal.Conflict, message);
}
