using System.Security.Cryptography;
using System.Text;

namespace Dialer.Web.Components.Login;

/// <summary>
/// Checks the password of the pages (setting <c>Dialer:WebPassword</c>) and slows down whoever guesses it: after
/// <see cref="FreeTries"/> wrong ones an address waits, twice as long each time. Kept in memory: a restart forgives.
/// </summary>
public sealed class LoginGate(IConfiguration configuration, TimeProvider clock)
{
    public const int FreeTries = 5;
    private const string Setting = "Dialer:WebPassword";
    private const int MaxAddresses = 10_000;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Wrong, DateTimeOffset Until)> _addresses = [];

    /// <summary>Whether there is a password at all; without one nobody gets in.</summary>
    public bool IsConfigured => !string.IsNullOrEmpty(configuration[Setting]);

    /// <summary>Checks a password. While an address has to wait, even the right one is refused.</summary>
    public LoginAnswer Try(string address, string password)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var (wrong, until) = _addresses.GetValueOrDefault(address);
            if (until > now)
                return new LoginAnswer(false, until - now);
            if (Matches(password))
            {
                _addresses.Remove(address);
                return new LoginAnswer(true, TimeSpan.Zero);
            }
            wrong++;
            var wait = wrong < FreeTries ? TimeSpan.Zero : Wait(wrong - FreeTries);
            Forget(now);
            _addresses[address] = (wrong, now + wait);
            return new LoginAnswer(false, wait);
        }
    }

    private bool Matches(string password)
    {
        // Hashes are of equal length, so that the comparison tells nothing about the password's.
        var wanted = configuration[Setting];
        return !string.IsNullOrEmpty(wanted) && CryptographicOperations.FixedTimeEquals(Hash(wanted), Hash(password));
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static TimeSpan Wait(int excess) =>
        TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, FirstWait.Ticks << Math.Min(excess, 20)));

    private void Forget(DateTimeOffset now)
    {
        // Somebody with many addresses must not fill the memory.
        if (_addresses.Count < MaxAddresses)
            return;
        foreach (var address in _addresses.Where(entry => entry.Value.Until <= now).Select(entry => entry.Key).ToList())
            _addresses.Remove(address);
        if (_addresses.Count >= MaxAddresses)
            _addresses.Clear();
    }
}

/// <summary>Whether a password was right, and if not, how long its sender has to wait before the next one is looked at.</summary>
public readonly record struct LoginAnswer(bool Admitted, TimeSpan Wait);
