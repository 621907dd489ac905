using Dialer.Tests.Fakes;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Rest;

/// <summary>Tests in this collection share one dialer on a scripted Asterisk, one test at a time.</summary>
[CollectionDefinition(Name)]
public sealed class DialerOnFakeCollection : ICollectionFixture<DialerOnFake>
{
    public const string Name = "Dialer on a scripted Asterisk";
}

/// <summary>The whole dialer with a scripted Asterisk, for tests of what clients see; each test has a tenant of its own.</summary>
public sealed partial class DialerOnFake(PrivatePostgres postgres) : IAsyncLifetime
{
    private int _tenants;

    public FakeAsterisk Asterisk { get; private set; } = null!;

    public DialerHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Asterisk = await FakeAsterisk.CreateAsync();
        Host = await DialerHost.StartAsync(postgres, new HostedNode("fake", Asterisk.BaseUri, FakeAsterisk.User, FakeAsterisk.Password));
    }

    /// <summary>Creates a tenant and returns its address below <c>/api/v1/</c>.</summary>
    public async Task<string> NewTenantAsync()
    {
        var tenant = $"tenants/{NewTenantId()}";
        await Host.Api.PutAsync(tenant, """{"name":"ТСЖ","culture":"ru-RU","timeZone":"Europe/Moscow"}""");
        return tenant;
    }

    public string NewTenantId() => $"t{Interlocked.Increment(ref _tenants)}";

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Asterisk.DisposeAsync();
    }
}
