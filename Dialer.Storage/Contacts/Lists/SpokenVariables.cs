namespace Dialer.Storage.Contacts.Lists;

/// <summary>The variables that a dial plan speaks, found by name in any case.</summary>
public sealed class SpokenVariables
{
    private readonly (string Name, SpokenVariable Kind)[] variables;

    /// <summary>Takes them over; a plan has a handful.</summary>
    public SpokenVariables(IReadOnlyDictionary<string, SpokenVariable> spoken) =>
        variables = [.. spoken.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => (v.Key, v.Value))];

    /// <summary>How many there are.</summary>
    public int Count => variables.Length;

    /// <summary>The variable at an index.</summary>
    public (string Name, SpokenVariable Kind) this[int index] => variables[index];

    /// <summary>The index of a variable, or -1 where the plan does not speak it.</summary>
    public int IndexOf(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < variables.Length; i++)
        {
            if (name.Equals(variables[i].Name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether a variable is spoken as money or a number.</summary>
    public bool IsAmount(ReadOnlySpan<char> name) =>
        IndexOf(name) is >= 0 and var at && variables[at].Kind is SpokenVariable.Money or SpokenVariable.Number;
}
