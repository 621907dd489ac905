using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Grains.Trunks;
using Xunit;

namespace Dialer.Tests.Trunks;

public sealed class TrunkRulesTests
{
    private static readonly TrunkSettings s_good = new("sip.example.org", 5060, 5, 10);

    public static TheoryData<string, Func<TrunkSettings, TrunkSettings>> Bad => new()
    {
        { "host", s => s with { Host = "" } },
        { "host", s => s with { Host = new string('a', 254) } },
        { "host", s => s with { Host = "sip.example.org:5060" } },
        { "host", s => s with { Host = "two words" } },
        { "port", s => s with { Port = 0 } },
        { "port", s => s with { Port = 65_536 } },
        { "lines", s => s with { Lines = 0 } },
        { "lines", s => s with { Lines = 10_001 } },
        { "callsPerSecond", s => s with { CallsPerSecond = 0.09 } },
        { "callsPerSecond", s => s with { CallsPerSecond = 10_000.5 } },
        { "callsPerSecond", s => s with { CallsPerSecond = double.NaN } },
        { "username", s => s with { Username = "" } },
        { "username", s => s with { Username = new string('u', 129) } },
        { "username", s => s with { Username = "two\nlines" } },
        { "password", s => s with { Password = "a;comment" } },
        { "password", s => s with { Password = "a\"quote" } },
        { "callerId", s => s with { CallerId = "" } },
        { "callerId", s => s with { CallerId = new string('1', 33) } },
        { "callerId", s => s with { CallerId = "7495000000x" } },
        { "callerId", s => s with { CallerId = "7495+0000000" } },
        { "codecs", s => s with { Codecs = [] } },
        { "codecs", s => s with { Codecs = ["alaw", "opus"] } },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void A_setting_that_is_not_acceptable_is_refused_by_its_JSON_name(string field, Func<TrunkSettings, TrunkSettings> change)
    {
        var refusal = Assert.Throws<RefusedException>(() => TrunkRules.Check(change(s_good)));
        Assert.Equal((Refusal.Invalid, field), (refusal.Refusal, refusal.Field));
        Assert.NotEmpty(refusal.Message);
    }

    [Fact]
    public void Good_settings_are_accepted_to_their_limits()
    {
        TrunkRules.Check(s_good);
        TrunkRules.Check(s_good with { Host = "192.0.2.1", Port = 1, Lines = 1, CallsPerSecond = 0.1, Username = "u", CallerId = "1", Codecs = ["g722"] });
        TrunkRules.Check(s_good with { Host = "2001:db8::1", Port = 65_535, Lines = 10_000, CallsPerSecond = 10_000, CallerId = new string('1', 32) });
        TrunkRules.Check(s_good with
        {
            // Labels of a name have 63 characters at most.
            Host = string.Join('.', Enumerable.Repeat(new string('a', 50), 4)) + '.' + new string('a', 49), Username = new string('u', 128),
            Password = "p w", CallerId = "+74950000000", Codecs = [.. TrunkRules.Codecs],
        });
    }
}
