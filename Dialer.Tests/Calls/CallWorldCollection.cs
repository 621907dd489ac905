namespace Dialer.Tests.Calls;

/// <summary>
/// Worlds are started one after the other, in each of two collections that run side by side and take about as long: a world has two silos,
/// and its clock goes as fast as they keep up.
/// </summary>
internal static class CallWorldCollection
{
    /// <summary>What becomes of calls where all parts are well.</summary>
    public const string Calls = "Calls in a world";

    /// <summary>What becomes of them where nodes, sockets or silos are lost, or there are several.</summary>
    public const string Nodes = "Nodes of a world";
}
