namespace Dialer.Grains.Interfaces;

/// <summary>
/// Grain keys. Tenants own everything below them: <c>tenant/id</c>. Ids are 1–64 characters of <c>a-z A-Z 0-9 _ -</c>,
/// extensions of <c>0-9 * #</c>, so that neither can carry a separator into a key, a SIP name or a dial string.
/// </summary>
public static class Keys
{
    /// <summary>The key of a campaign, trunk or operator queue of a tenant.</summary>
    public static string Of(string tenant, string id) => $"{tenant}/{id}";

    /// <summary>Takes <c>tenant/id</c> apart.</summary>
    public static (string Tenant, string Id) Split(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            ? (key[..slash], key[(slash + 1)..])
            : throw new ArgumentException($"'{key}' is not of the form tenant/id.", nameof(key));
    }

    /// <summary>Throws <see cref="RefusedException"/> unless <paramref name="id"/> can be the id of a tenant or of something in it.</summary>
    public static void CheckId(string id, string field)
    {
        if (id.Length is 0 or > 64 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw RefusedException.Invalid(field, "An id is 1 to 64 Latin letters, digits, '-' or '_'.");
    }

    /// <summary>Throws <see cref="RefusedException"/> unless <paramref name="number"/> can be an extension (<c>999*2*1</c>).</summary>
    public static void CheckExtension(string number, string field)
    {
        if (number.Length is 0 or > 32 || !char.IsAsciiDigit(number[0]) || !number.All(c => char.IsAsciiDigit(c) || c is '*' or '#'))
            throw RefusedException.Invalid(field, "An extension is 1 to 32 digits, '*' or '#', and begins with a digit: 999, 999*2*1.");
    }
}
