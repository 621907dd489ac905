using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Utilities;

namespace Dialer.Tests.Pages;

/// <summary>The directory of the scripted world: one tenant.</summary>
public sealed class ScriptedDirectory : Grain, ITenantDirectoryGrain
{
    public Task<IReadOnlyList<string>> List() => Task.FromResult<IReadOnlyList<string>>([ScriptedWorld.Tenant]);
}

/// <summary>One node, in the state that the script says.</summary>
public sealed class ScriptedNodes(ScriptedWorld world) : Grain, INodeDirectoryGrain
{
    public Task<IReadOnlyList<NodeStatus>> List() => Task.FromResult<IReadOnlyList<NodeStatus>>([world.Node]);

    public Task<NodeStatus> Drain(string id) => Set(draining: true);

    public Task<NodeStatus> Undrain(string id) => Set(draining: false);

    private Task<NodeStatus> Set(bool draining) => Task.FromResult(world.Node = world.Node with { Draining = draining });
}

/// <summary>Answers what the pages ask of a tenant, and nothing else.</summary>
public sealed class ScriptedTenant(ScriptedWorld world) : Grain, ITenantGrain
{
    public Task<TenantSettings?> Get() => world.Failing
        ? throw new InvalidOperationException("The script says that grains fail.")
        : Task.FromResult(this.GetPrimaryKeyString() == ScriptedWorld.Tenant ? new TenantSettings("ТСЖ «Пример»") : null);

    public Task<IReadOnlyList<string>> Campaigns() => Task.FromResult<IReadOnlyList<string>>([ScriptedWorld.Campaign]);

    public Task<IReadOnlyList<string>> Trunks() => Task.FromResult<IReadOnlyList<string>>(["main"]);

    public Task<TenantSettings> Put(TenantSettings settings) => throw new NotSupportedException();

    public Task Delete() => throw new NotSupportedException();

    public Task<IReadOnlyList<AudioInfo>> Audio() => throw new NotSupportedException();

    public Task<AudioInfo> PutAudioFile(string id, string contentType, byte[] content) => throw new NotSupportedException();

    public Task<AudioInfo> PutAudioText(string id, string text, string? voice) => throw new NotSupportedException();

    public Task<byte[]?> GetAudio(string id) => throw new NotSupportedException();

    public Task DeleteAudio(string id) => throw new NotSupportedException();

    public Task<IReadOnlyList<OperatorInfo>> Operators() => throw new NotSupportedException();

    public Task<OperatorInfo> PutOperator(string id, OperatorSettings settings) => throw new NotSupportedException();

    public Task DeleteOperator(string id) => throw new NotSupportedException();

    public Task Register(TenantPart part, string id, bool exists) => throw new NotSupportedException();
}

/// <summary>A campaign that makes its calls by the script, ten a second, and tells its observers.</summary>
public sealed class ScriptedCampaign(ScriptedWorld world) : Grain, ICampaignGrain
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private readonly ObserverManager<ICampaignObserver> _observers = new(CampaignObservation.Expiry, NullLogger.Instance);

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Call, Pace, Pace);
        return Task.CompletedTask;
    }

    public Task<CampaignSettings?> Get() => Task.FromResult(Key == Keys.Of(ScriptedWorld.Tenant, ScriptedWorld.Campaign)
        ? new CampaignSettings("Долги", "999", world.Enabled.GetValueOrDefault(Key), [new TrunkShare("main", 3)])
        : null);

    public Task Start()
    {
        world.Enabled[Key] = true;
        return Tell();
    }

    public Task Pause()
    {
        world.Enabled[Key] = false;
        return Tell();
    }

    public Task<int> Number() => Task.FromResult(1);

    public Task<CampaignStats> Stats() => Task.FromResult(world.Stats(Key));

    public Task<CampaignStatus> Status() => Task.FromResult(world.Status(Key));

    public Task ContactsChanged() => Tell();

    public Task Subscribe(ICampaignObserver observer)
    {
        _observers.Subscribe(observer, observer);
        return Tell();
    }

    public Task Unsubscribe(ICampaignObserver observer)
    {
        _observers.Unsubscribe(observer);
        return Task.CompletedTask;
    }

    public Task<CampaignSettings> Put(CampaignSettings settings) => throw new NotSupportedException();

    public Task Delete() => throw new NotSupportedException();

    private Task Call()
    {
        if (world.Status(Key).State != CampaignActivity.Calling)
            return Task.CompletedTask;
        world.CallNext();
        return Tell();
    }

    private Task Tell() => _observers.Notify(observer => observer.Changed(Key, world.Stats(Key), world.Status(Key)));
}

/// <summary>A trunk in the state that the script says.</summary>
public sealed class ScriptedTrunk(ScriptedWorld world) : Grain, ITrunkGrain
{
    public Task<TrunkSettings?> Get() => Task.FromResult<TrunkSettings?>(new TrunkSettings("sip.example.org", Lines: world.Trunk.Lines));

    public Task<TrunkStatus> Status() => Task.FromResult(world.Trunk);

    public Task<TrunkSettings> Put(TrunkSettings settings) => throw new NotSupportedException();

    public Task Delete() => throw new NotSupportedException();
}
