namespace Dialer.Grains.Nodes;

/// <summary>One Asterisk in the configuration (<c>Dialer:Nodes:0:…</c>).</summary>
public sealed record NodeSettings
{
    /// <summary>Its id; letters, digits and '-'.</summary>
    public required string Id { get; init; }

    /// <summary>Where its ARI is: <c>http://host:8088/ari/</c>.</summary>
    public required Uri AriUrl { get; init; }

    /// <summary>The ARI user.</summary>
    public required string User { get; init; }

    /// <summary>The ARI user's password.</summary>
    public required string Password { get; init; }

    /// <summary>How many calls it is given at most.</summary>
    public int Capacity { get; init; } = 2000;

    /// <summary>The Stasis application, which the dial plan of the office's phones names, too. An Asterisk belongs to one installation.</summary>
    public string Application { get; init; } = "dialer";
}
