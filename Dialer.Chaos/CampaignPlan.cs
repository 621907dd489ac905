namespace Dialer.Chaos;

/// <summary>What the campaign of a program does with people: a greeting, some seconds for a key, key 1 leads to an operator; one retry after 5 s.</summary>
internal static class CampaignPlan
{
    public static readonly TimeSpan Greeting = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan WaitForKey = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan Minimum = TimeSpan.FromSeconds(4);
    public const int Retries = 1;

    /// <summary>When they hang up who hang up early (asterisk/network/extensions.conf).</summary>
    public static readonly TimeSpan Early = TimeSpan.FromSeconds(2);

    /// <summary>Whoever was given to an operator hangs up ten seconds after the key (asterisk/network/extensions.conf); nobody else does before.</summary>
    public static readonly TimeSpan WithOperator = TimeSpan.FromSeconds(13);

    /// <summary>Whoever listens hears the greeting and is waited for: the call lasts that long.</summary>
    public static TimeSpan Length => Greeting + WaitForKey;
}
