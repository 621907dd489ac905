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
/// Collections run side by side, as many as there are cores. The long ones begin first: the short ones then fill what time is left beside
/// them, where one that began last would go on alone. <see cref="AsteriskCollection"/> runs by itself after all of them, because it
/// measures sound and real time.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
        [CallWorldCollection.Calls, CallWorldCollection.Nodes, AsteriskCollection.Name, Alone(typeof(Journey)), DialerOnFakeCollection.Name, Alone(typeof(ExportTests))];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Place(collection)).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Place(ITestCollection collection)
    {
        var place = Array.FindIndex(Long, name => collection.TestCollectionDisplayName.StartsWith(name, StringComparison.Ordinal));
        return place < 0 ? Long.Length : place;
    }

    // How xunit names the collection of a class that has none of its own: an id follows.
    private static string Alone(Type tests) => $"Test collection for {tests.FullName} ";
}
