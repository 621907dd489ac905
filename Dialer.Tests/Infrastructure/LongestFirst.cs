using Dialer.Tests.Calls;
using Dialer.Tests.Infrastructure;
using Dialer.Tests.Rest;
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
    private static readonly string[] Long = [CallWorldCollection.Calls, CallWorldCollection.Nodes, AsteriskCollection.Name, DialerOnFakeCollection.Name];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Place(collection)).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Place(ITestCollection collection)
    {
        var place = Array.IndexOf(Long, collection.TestCollectionDisplayName);
        return place < 0 ? Long.Length : place;
    }
}
