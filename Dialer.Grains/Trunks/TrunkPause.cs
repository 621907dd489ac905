namespace Dialer.Grains.Trunks;

/// <summary>How long a trunk rests after calls that its gateway did not take: one failure 5 s, then doubling to 2 minutes.</summary>
public sealed class TrunkPause
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    // A single «no circuit» concerns one number or one moment; this many in a row concern the carrier.
    private const int CongestionsInARow = 10;

    private int _failures;
    private int _congestions;

    /// <summary>No call starts before this.</summary>
    public DateTimeOffset? Until { get; private set; }

    /// <summary>Whether the last call failed at the gateway.</summary>
    public bool IsDown => _failures > 0;

    /// <summary>Notes how a call's line came back.</summary>
    public void Note(LineReturn how, DateTimeOffset now)
    {
        switch (how)
        {
            case LineReturn.Carried:
                Clear();
                break;
            case LineReturn.Congested when ++_congestions < CongestionsInARow:
                break;
            case LineReturn.Congested or LineReturn.GatewayDown or LineReturn.LoginRefused:
                // Calls that were under way together fail together: that is one failure, not many.
                if (Until is null || now >= Until)
                    Until = now + TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(_failures++, 10)));
                break;
        }
    }

    /// <summary>The gateway answers again.</summary>
    public void Clear() => (_failures, _congestions, Until) = (0, 0, null);
}
