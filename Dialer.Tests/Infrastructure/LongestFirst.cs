using Dialer.Tests.Calls;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Pages;
using Dialer.Tests.Rest;
using Dialer.Tests.Watching;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Dialer.Tests.Infrastructure;

/// <summary>
/// Collections run side by side, one and a half for each core (xunit.runner.json), since most of them wait more than they work. The long ones begin
/// first: the short ones then fill what time is left beside them, where one that began last would go on alone. <see cref="AsteriskCollection"/> and
/// <see cref="Chaos.ChaosTests"/> run by themselves after all of them, because they measure sound and real time.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_long =
    [
        CallWorldCollection.Nodes, CallWorldCollection.Calls, BusyAsteriskCollection.Name, Alone(typeof(Journey)),
        DialerOnFakeCollection.Name, Alone(typeof(PermitAndClaimProperties)), Alone(typeof(ExportTests)),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Place(collection)).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Place(ITestCollection collection)
    {
        var place = Array.FindIndex(s_long, name => collection.TestCollectionDisplayName.StartsWith(name, StringComparison.Ordinal));
        return place < 0 ? s_long.Length : place;
    }

    // How xunit names the collection of a class that has none of its own: an id follows.
    private static string Alone(Type tests) => $"Test collection for {tests.FullName} ";
}
