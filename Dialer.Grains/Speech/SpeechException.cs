namespace Dialer.Grains.Speech;

/// <summary>Why something cannot be spoken.</summary>
public enum SpeechFault
{
    /// <summary>The variable is not there, or is empty.</summary>
    Missing,

    /// <summary>The value is there and is not what its type asks for.</summary>
    Unreadable,

    /// <summary>The value is followed by a currency that is not known.</summary>
    UnknownCurrency,

    /// <summary>The value is larger than what can be spoken.</summary>
    OutOfRange,
}

/// <summary>A value cannot be spoken. The message tells the person who wrote the list or the extension what to change.</summary>
public sealed class SpeechException : Exception
{
    public SpeechException(SpeechFault fault, string reason, string? variable = null, Exception? inner = null)
        : base(variable is null ? reason : $"Variable {variable}: {reason}", inner)
    {
        Fault = fault;
        Reason = reason;
        Variable = variable;
    }

    public SpeechFault Fault { get; }

    /// <summary>The message without the name of the variable.</summary>
    public string Reason { get; }

    /// <summary>The variable (or variables, separated by commas) that the value came from; null where none was involved.</summary>
    public string? Variable { get; }

    /// <summary>The same fault, with the variable that the value came from.</summary>
    public SpeechException In(string? variable) => new(Fault, Reason, variable, this);
}
