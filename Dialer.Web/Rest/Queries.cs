using Dialer.Storage.Calls;
using Dialer.Storage.Contacts;
using Dialer.Storage.Contacts.Lists;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dialer.Web.Rest;

internal static class Queries
{
    /// <summary>The read side of the long tables, and the reader of lists.</summary>
    public static void AddDialerQueries(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ContactQueries>();
        services.AddSingleton<AttemptQueries>();
        services.AddSingleton<ListQueries>();
        services.AddSingleton<ListImporter>();
    }
}
