namespace Dialer.Storage.Contacts.Lists;

/// <summary>Walks over <c>NAME=value</c>, separated by <c>;</c> or line breaks; blank pieces are passed over.</summary>
public ref struct VariablePairs(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> rest = text;

    /// <summary>The current piece as written.</summary>
    public ReadOnlySpan<char> Piece { get; private set; }

    /// <summary>The name, trimmed; empty where the piece is no pair.</summary>
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>The value, trimmed.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Goes on to the next pair; false behind the last.</summary>
    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            var at = rest.IndexOfAny(';', '\n', '\r');
            Piece = (at < 0 ? rest : rest[..at]).Trim();
            rest = at < 0 ? [] : rest[(at + 1)..];
            if (!Piece.IsEmpty)
            {
                var equals = Piece.IndexOf('=');
                Name = equals < 0 ? [] : Piece[..equals].TrimEnd();
                Value = equals < 0 ? [] : Piece[(equals + 1)..].TrimStart();
                return true;
            }
        }

        return false;
    }
}
