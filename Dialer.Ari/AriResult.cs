using System.Diagnostics.CodeAnalysis;

namespace Dialer.Ari;

/// <summary>The outcome of a request that answers nothing but «done».</summary>
public readonly record struct AriResult
{
    internal AriResult(AriError? error) => Error = error;

    /// <summary>Why it was not done; null where it was.</summary>
    public AriError? Error { get; }

    /// <summary>Whether Asterisk did it.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>Whether Asterisk did it, or the thing was gone already: for hang-ups and other requests that only take away.</summary>
    public bool IsSuccessOrGone => Error is null or { Kind: AriErrorKind.NotFound };

    /// <summary>Turns a failure into an exception.</summary>
    /// <exception cref="AriException">The request failed.</exception>
    public void ThrowIfFailed()
    {
        if (Error is { } error)
        {
            throw new AriException(error);
        }
    }
}

/// <summary>The outcome of a request that answers with a <typeparamref name="T"/>.</summary>
public readonly record struct AriResult<T>
    where T : class
{
    internal AriResult(T value) => Value = value;

    internal AriResult(AriError error) => Error = error;

    /// <summary>The answer; null where the request failed.</summary>
    public T? Value { get; }

    /// <summary>Why there is no answer; null where there is one.</summary>
    public AriError? Error { get; }

    /// <summary>Whether there is an answer.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>The answer, or an exception.</summary>
    /// <exception cref="AriException">The request failed.</exception>
    public T ValueOrThrow() => IsSuccess ? Value : throw new AriException(Error);

    /// <summary>The same outcome without the value.</summary>
    public AriResult WithoutValue() => new(Error);
}
