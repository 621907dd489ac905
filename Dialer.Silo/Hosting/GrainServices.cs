using Dialer.Grains.Calls;
using Dialer.Grains.Campaigns;
using Dialer.Grains.Contacts;
using Dialer.Grains.Nodes;
using Dialer.Grains.Operators;
using Dialer.Grains.Reports;
using Dialer.Grains.Speech;
using Dialer.Silo.Campaigns;
using Dialer.Silo.Contacts;
using Dialer.Silo.Nodes;
using Dialer.Silo.Speech;
using Dialer.Silo.Upkeep;
using Dialer.Storage.Calls;
using Dialer.Storage.Campaigns;
using Dialer.Storage.Contacts;
using Dialer.Storage.Contacts.Lists;
using Dialer.Storage.Database;
using Dialer.Storage.Operators;
using Dialer.Storage.Speech;
using Dialer.Storage.Tenants;
using Orleans.Runtime.Hosting;

namespace Dialer.Silo.Hosting;

/// <summary>What grains are given by their constructors.</summary>
public static class GrainServices
{
    public static IServiceCollection AddDialerGrains(this IServiceCollection services, SiloSettings settings)
    {
        services.AddSingleton<Owners>().AddSingleton<ContactStore>().AddSingleton<AttemptStore>().AddSingleton<OpenAttempts>().AddSingleton<OldAttempts>();
        services.AddSingleton<ListQueries>().AddSingleton<ListSettlement>().AddSingleton<CampaignTable>().AddSingleton<TenantTable>().AddSingleton<OperatorLegs>().AddSingleton<OperatorLines>().AddSingleton<SipUsers>();
        services.AddSingleton<MediaTable>().AddSingleton<IMediaStore, DatabaseMedia>();
        services.AddHttpClient();
        services.AddSingleton(provider => SpeechEngines.Create(settings.Speech, provider.GetRequiredService<IHttpClientFactory>().CreateClient("speech")));
        services.AddSingleton(settings.Media).AddSingleton<MediaLibrary>().AddSingleton<CallSpeech>().AddSingleton<SampleContacts>();
        services.AddSingleton(settings.Nodes).AddSingleton<AsteriskNodes>().AddSingleton<NodeReconciliation>();
        services.AddSingleton(provider => SiloPulse.Of(
            provider.GetRequiredService<IMembershipTable>(), provider.GetRequiredService<ILocalSiloDetails>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SiloPulse>>()));
        services.AddSingleton<NodeHandover>().AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<NodeHandover>());
        services.AddSingleton<CampaignHomes>().AddPlacementDirector<AtHomePlacement, AtHomePlacementDirector>();
        services.AddGrainDirectory(ContactDirectory.Name, (_, _) => new ContactDirectory());
        services.AddSingleton<LiveFigures>().AddSingleton(settings);
        return services;
    }

    public static IServiceCollection AddDialerWatchdogs(this IServiceCollection services) =>
        services.AddSingleton<SiloChanges>().AddHostedService<NodeWatchdog>().AddHostedService<UnconfiguredNodes>().AddHostedService<CampaignWakeUp>()
            .AddHostedService<InterruptedLists>().AddHostedService<OldRows>();
}
