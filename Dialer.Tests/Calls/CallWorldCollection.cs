namespace Dialer.Tests.Calls;

/// <summary>
/// Worlds are started one after the other, in each of two collections that run side by side and take about as long: a world has two silos
/// and mostly waits, so that two fill a small machine and more would only starve each other.
/// </summary>
internal static class CallWorldCollection
{
    /// <summary>What becomes of calls where all parts are well.</summary>
    public const string Calls = "Calls in a world";

    /// <summary>What becomes of them where nodes, sockets or silos are lost, or there are several.</summary>
    public const string Nodes = "Nodes of a world";
}
