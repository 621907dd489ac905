using Dialer.Web.Components.Layout;
using Dialer.Web.Components.Login;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dialer.Tests.Pages;

public sealed class LoginGateTests
{
    private const string Address = "192.0.2.1";
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void The_right_password_is_admitted_and_no_other()
    {
        var gate = Gate("right");
        Assert.True(gate.Try(Address, "right").Admitted);
        Assert.False(gate.Try(Address, "Right").Admitted);
        Assert.False(gate.Try(Address, "").Admitted);
    }

    [Fact]
    public void Without_a_password_nobody_is_admitted()
    {
        var gate = Gate("");
        Assert.False(gate.IsConfigured);
        Assert.False(gate.Try(Address, "").Admitted);
    }

    [Fact]
    public void Who_guesses_waits_longer_each_time_even_with_the_right_password_and_others_do_not()
    {
        var gate = Gate("right");
        for (var guess = 1; guess < LoginGate.FreeTries; guess++)
            Assert.Equal(TimeSpan.Zero, gate.Try(Address, "wrong").Wait);
        var first = gate.Try(Address, "wrong").Wait;
        Assert.True(first > TimeSpan.Zero);
        Assert.False(gate.Try(Address, "right").Admitted);
        Assert.True(gate.Try("192.0.2.2", "right").Admitted);
        _clock.Advance(first);
        Assert.Equal(first * 2, gate.Try(Address, "wrong").Wait);
        _clock.Advance(first * 2);
        Assert.True(gate.Try(Address, "right").Admitted);
        Assert.Equal(TimeSpan.Zero, gate.Try(Address, "wrong").Wait);
    }

    [Theory]
    [InlineData("/t/tszh/campaigns?tab=contacts", "/t/tszh/campaigns?tab=contacts")]
    [InlineData("//example.org", "/")]
    [InlineData("/\\example.org", "/")]
    [InlineData("https://example.org", "/")]
    [InlineData("/\nSet-Cookie: a=b", "/")]
    [InlineData(null, "/")]
    public void A_login_returns_to_this_site_only(string? back, string target) => Assert.Equal(target, Preferences.Local(back));

    private LoginGate Gate(string password) => new(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Dialer:WebPassword"] = password }).Build(), _clock);
}
