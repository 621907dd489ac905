namespace Dialer.Storage.Contacts.Lists;

/// <summary>The upload as a whole is no list that can be called; the message says to its sender why, and what to do.</summary>
public sealed class ListUnreadableException : Exception
{
    /// <inheritdoc/>
    public ListUnreadableException()
    {
    }

    /// <inheritdoc/>
    public ListUnreadableException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public ListUnreadableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
