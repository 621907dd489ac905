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
/// Collections run side by side, one and a half for each core (xunit.runner.json): two in three only wait. The long ones begin first, and those
/// on real Asterisks last, when what fills a core is over: they listen to what was said. <see cref="Chaos.ChaosTests"/> run by themselves after all of them.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_first =
        [CallWorldCollection.Nodes, CallWorldCollection.Calls, Alone(typeof(Journey)), DialerOnFakeCollection.Name, Alone(typeof(ExportTests))];

    private static readonly string[] s_last = [OnAsterisk.People, OnAsterisk.Phones, OnAsterisk.Losses];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Place(collection)).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    // Between both are those that neither names.
    private static int Place(ITestCollection collection) =>
        Find(s_first, collection) is >= 0 and var first ? first - s_first.Length : 1 + Find(s_last, collection);

    private static int Find(string[] names, ITestCollection collection) =>
        Array.FindIndex(names, name => collection.TestCollectionDisplayName.StartsWith(name, StringComparison.Ordinal));

    // How xunit names the collection of a class that has none of its own: an id follows.
    private static string Alone(Type tests) => $"Test collection for {tests.FullName} ";
}
