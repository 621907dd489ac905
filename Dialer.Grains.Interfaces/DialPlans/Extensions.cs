using System.Text.Json.Serialization;
using Dialer.Grains.Interfaces.Operators;
using Orleans.Concurrency;

namespace Dialer.Grains.Interfaces.DialPlans;

/// <summary>How a text is said.</summary>
[GenerateSerializer, Alias("Dialer.SayType")]
public enum SayType
{
    /// <summary>As it is written.</summary>
    Text,
    /// <summary>An amount with its currency: «-68.27 rub».</summary>
    Money,
    /// <summary>A number.</summary>
    Number,
    /// <summary>Digit by digit.</summary>
    Digits,
    /// <summary>A day: 2026-03-09 or 09.03.2026.</summary>
    Date,
    /// <summary>A time of day: 14:05.</summary>
    Time,
}

/// <summary>What becomes of an amount's minus.</summary>
[GenerateSerializer, Alias("Dialer.SignMode")]
public enum SignMode
{
    /// <summary>It is said: «минус шестьдесят восемь рублей».</summary>
    Say,
    /// <summary>It is left out: accounting writes a debt as a negative balance, and the text says already that it is one.</summary>
    Drop,
}

/// <summary>
/// A step of a dial plan. Its number is an extension (<c>999*2</c>); key <c>d</c> leads from X to <c>X*d</c>, «go to» is explicit, and a
/// step that leads nowhere ends the call.
/// </summary>
[GenerateSerializer, Immutable, Alias("Dialer.Extension")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(AutoInformer), "autoInformer")]
[JsonDerivedType(typeof(SayText), "sayText")]
[JsonDerivedType(typeof(Playback), "playback")]
[JsonDerivedType(typeof(OperatorQueue), "queue")]
public abstract record Extension
{
    /// <summary>The next step; null ends the call.</summary>
    [Id(0)] public string? GoTo { get; init; }
}

/// <summary>Where a campaign begins: plays a file and goes on.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.AutoInformer")]
public sealed record AutoInformer : Extension
{
    /// <summary>The tenant's audio to play.</summary>
    [Id(0)] public required string Audio { get; init; }
}

/// <summary>Speaks a text with the contact's variables: <c>[% VAR:BALANCE %] rub</c>.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.SayText")]
public sealed record SayText : Extension
{
    /// <summary>The template.</summary>
    [Id(0)] public required string Text { get; init; }

    /// <summary>How it is said.</summary>
    [Id(1)] public SayType Type { get; init; }

    /// <summary>For amounts and numbers: whether a minus is said.</summary>
    [Id(2)] public SignMode Sign { get; init; }

    /// <summary>A voice of the speech engine; null for the language's own.</summary>
    [Id(3)] public string? Voice { get; init; }
}

/// <summary>Plays a file; may wait for a key during it and for <see cref="InputTimeout"/> after its end.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.Playback")]
public sealed record Playback : Extension
{
    /// <summary>The tenant's audio to play.</summary>
    [Id(0)] public required string Audio { get; init; }

    /// <summary>Whether a key that leads somewhere interrupts it; a key that leads nowhere is noted and ignored.</summary>
    [Id(1)] public bool WaitForInput { get; init; }

    /// <summary>How long to wait for a key after the end of the audio, up to 5 minutes.</summary>
    [Id(2)] public TimeSpan InputTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Rings operators and connects the caller to the first who answers; until then the caller hears hold music.</summary>
[GenerateSerializer, Immutable, Alias("Dialer.OperatorQueue")]
public sealed record OperatorQueue : Extension
{
    /// <summary>Whom it rings.</summary>
    [Id(0)] public required IReadOnlyList<QueueMember> Members { get; init; }

    /// <summary>In which order.</summary>
    [Id(1)] public RingStrategy Strategy { get; init; }

    /// <summary>How long one member is rung.</summary>
    [Id(2)] public TimeSpan RingTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a caller waits before «go to» (or the end).</summary>
    [Id(3)] public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>A dial plan at one moment; never changes.</summary>
/// <param name="Version">Rises with each change.</param>
/// <param name="Culture">The tenant's culture: the language that is spoken.</param>
/// <param name="Extensions">Every step by its number.</param>
/// <param name="Audio">Clip ids of the tenant's audio, by audio id.</param>
[GenerateSerializer, Immutable, Alias("Dialer.DialPlanSnapshot")]
public sealed record DialPlanSnapshot(
    [property: Id(0)] long Version,
    [property: Id(1)] string Culture,
    [property: Id(2)] IReadOnlyDictionary<string, Extension> Extensions,
    [property: Id(3)] IReadOnlyDictionary<string, string> Audio);

/// <summary>Something that is wrong with a dial plan.</summary>
/// <param name="Extension">Where.</param>
/// <param name="Field">The JSON name of the field at fault.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Blocks">False for what may be mended later (an operator or trunk that is not there yet).</param>
[GenerateSerializer, Immutable, Alias("Dialer.DialPlanProblem")]
public sealed record DialPlanProblem(
    [property: Id(0)] string Extension, [property: Id(1)] string Field, [property: Id(2)] string Message, [property: Id(3)] bool Blocks);

/// <summary>The extensions of a tenant, checked as a whole whenever one changes. Key: the tenant's id.</summary>
[Alias("Dialer.IDialPlanGrain")]
public interface IDialPlanGrain : IGrainWithStringKey
{
    /// <summary>All steps by number.</summary>
    [Alias("List"), AlwaysInterleave] Task<IReadOnlyDictionary<string, Extension>> List();

    /// <summary>Creates or replaces one step.</summary>
    /// <exception cref="RefusedException">The plan as a whole would have a dangling or endless «go to», missing audio or a bad template.</exception>
    [Alias("Put")] Task<Extension> Put(string number, Extension extension);

    /// <summary>Replaces the whole plan at once, so that steps can refer to each other in any order.</summary>
    [Alias("PutAll")] Task PutAll(IReadOnlyDictionary<string, Extension> extensions);

    /// <exception cref="RefusedException">Another step or a campaign leads to it, or it does not exist.</exception>
    [Alias("Delete")] Task Delete(string number);

    /// <summary>What is wrong with the plan now; empty where all is well.</summary>
    [Alias("Problems"), AlwaysInterleave] Task<IReadOnlyList<DialPlanProblem>> Problems();

    /// <summary>The plan as it is now.</summary>
    [Alias("Snapshot"), AlwaysInterleave] Task<DialPlanSnapshot> Snapshot();

    /// <summary>Its version now: that of <see cref="Snapshot"/>.</summary>
    [Alias("Version"), AlwaysInterleave] Task<long> Version();

    /// <summary>The variables that are spoken on the ways from <paramref name="entry"/>, with how each is said.</summary>
    [Alias("SpokenVariables"), AlwaysInterleave] Task<IReadOnlyDictionary<string, SayType>> SpokenVariables(string entry);

    /// <summary>Called by the tenant when audio or its culture changed.</summary>
    [Alias("Refresh")] Task Refresh();
}
