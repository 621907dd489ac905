using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>Worlds are started one after the other: each has two silos, and the machine may be small.</summary>
[CollectionDefinition("call world")]
public sealed class CallWorldCollection;
