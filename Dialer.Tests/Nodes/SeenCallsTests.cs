using Dialer.Grains.Nodes;
using Xunit;

namespace Dialer.Tests.Nodes;

/// <summary>What is known of calls whose end nobody tells.</summary>
public sealed class SeenCallsTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 10, 7, 0, 0, TimeSpan.Zero);
    private readonly SeenCalls _seen = new(At(0));

    [Fact]
    public void Of_a_call_that_this_owner_has_not_seen_its_predecessor_knew() => Assert.Equal(At(0), _seen.At("a"));

    [Fact]
    public void A_call_was_there_until_it_was_last_seen_and_older_looks_take_nothing_back()
    {
        _seen.Note(["a", "b"], At(10));
        _seen.Note(["b"], At(12));
        _seen.Note(["a", "b"], At(8));
        Assert.Equal((At(10), At(12)), (_seen.At("a"), _seen.At("b")));
    }

    [Fact]
    public void All_calls_were_there_when_the_one_that_is_missing_was_last_seen()
    {
        _seen.Note(["a", "b"], At(10));
        _seen.Note(["b"], At(12));
        Assert.Equal(At(10), _seen.AllAt(Open(("a", 5), ("b", 5))));
        // Its end is written.
        Assert.Equal(At(12), _seen.AllAt(Open(("b", 5))));
    }

    [Theory]
    [InlineData(11, 11)]
    [InlineData(13, 12)]
    [InlineData(-5, 0)]
    public void A_call_that_was_not_seen_was_there_when_it_was_answered_or_when_the_predecessor_saw_all(int answered, int all)
    {
        _seen.Note(["b"], At(10));
        _seen.Note(["b"], At(12));
        Assert.Equal(At(all), _seen.AllAt(Open(("a", answered), ("b", 5))));
    }

    [Fact]
    public void Where_there_are_no_calls_the_last_look_saw_them_all()
    {
        Assert.Null(new SeenCalls(null).AllAt(Open()));
        _seen.Note([], At(10));
        Assert.Equal(At(10), _seen.AllAt(Open()));
    }

    [Fact]
    public void Calls_that_are_over_are_forgotten()
    {
        _seen.Note(["a"], At(10));
        _seen.Note([], At(12));
        _seen.AllAt(Open());
        Assert.Equal(At(0), _seen.At("a"));
    }

    [Fact]
    public void Whose_end_is_not_written_and_who_was_there_at_the_last_look_are_not_forgotten()
    {
        _seen.Note(["open", "young"], At(10));
        _seen.Note(["young"], At(12));
        // A call that has only just begun may not be written as answered yet.
        _seen.AllAt(Open(("open", 5)));
        Assert.Equal((At(10), At(12)), (_seen.At("open"), _seen.At("young")));
    }

    private static Dictionary<string, DateTimeOffset> Open(params (string Call, int Answered)[] calls) => calls.ToDictionary(c => c.Call, c => At(c.Answered));

    private static DateTimeOffset At(int second) => s_start.AddSeconds(second);
}
