using Xunit;

namespace Dialer.Tests.Infrastructure;

/// <summary>
/// Tests on real Asterisks. Those of a collection share a pair of them, one test at a time; both collections run side by side when all others
/// are over (<see cref="LongestFirst"/>): they measure sound and real time, and mostly wait.
/// </summary>
internal static class RealParts
{
    /// <summary>What users and those who are called see and hear, where all parts are well.</summary>
    public const string Well = "Real parts";

    /// <summary>The same where parts fail, are late, or are not there.</summary>
    public const string Failing = "Real parts that fail";

    /// <summary>Whole installations that use up the machine: each of them runs by itself, after everything else.</summary>
    public const string Alone = "Real parts alone";
}

[CollectionDefinition(RealParts.Well)]
public sealed class RealPartsCollection : ICollectionFixture<AsteriskPair>;

[CollectionDefinition(RealParts.Failing)]
public sealed class FailingRealPartsCollection : ICollectionFixture<AsteriskPair>;

[CollectionDefinition(RealParts.Alone, DisableParallelization = true)]
public sealed class RealPartsAloneCollection;
