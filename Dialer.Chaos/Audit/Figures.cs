namespace Dialer.Chaos.Audit;

/// <summary>What an audit found. What <see cref="IsClean"/> adds up must be zero.</summary>
internal sealed record Figures
{
    public int Contacts { get; init; }

    /// <summary>Calls to contacts that the network saw.</summary>
    public int CallsSeen { get; init; }

    public int Attempts { get; init; }

    /// <summary>Attempts that something broke; they used up no retry.</summary>
    public int Interrupted { get; init; }

    /// <summary>Longest time with a free line and without a new call, while somebody was still to be called for the first time.</summary>
    public TimeSpan LongestPause { get; init; }

    /// <summary>Longest time for which somebody who listens was held beyond the plan, the longest damage during the call not counted.</summary>
    public TimeSpan LongestSilence { get; init; }

    /// <summary>Calls of the network that belong to no attempt, or to one that has a call already.</summary>
    public int CalledTwice { get; init; }

    /// <summary>People who are neither done nor failed, or who were never called.</summary>
    public int Forgotten { get; init; }

    /// <summary>Ended attempts whose verdict says that somebody was called, and the network saw no such call.</summary>
    public int NeverCalled { get; init; }

    /// <summary>Verdicts that the network's log contradicts, and people who came to another end than their behaviour leads to.</summary>
    public int Wrong { get; init; }

    /// <summary>Calls that began while the campaign's hours forbade all calls.</summary>
    public int OutOfHours { get; init; }

    /// <summary>How many times more calls than lines were up.</summary>
    public int CapExceeded { get; init; }

    /// <summary>The most calls above the lines.</summary>
    public int CapExceededBy { get; init; }

    /// <summary>Answered calls that ended before the plan did, though neither the person nor a dead Asterisk ended them.</summary>
    public int TalkingCut { get; init; }

    /// <summary>Recorded calls of people who count as reached.</summary>
    public int Recorded { get; init; }

    /// <summary>Those of them in which not even half of the greeting is to be heard.</summary>
    public int Unheard { get; init; }

    /// <summary>Calls that were up at a strike and were led to their proper end.</summary>
    public int TalkingContinued { get; init; }

    /// <summary>People who picked up about when nobody listened to Asterisk, were not hung up on, and heard the plan as soon as somebody did.</summary>
    public int PickedUpInGap { get; init; }

    /// <summary>Calls that were up on an Asterisk when it was killed, and that ended with it.</summary>
    public int LostWithNode { get; init; }

    /// <summary>People who had heard enough, and were called again nevertheless: what they had heard was lost, with a node for instance.</summary>
    public int HeardAndCalledAgain { get; init; }

    /// <summary>People who pressed the key and came to no operator: their key fell into a gap in which nobody listened to Asterisk.</summary>
    public int KeysLost { get; init; }

    /// <summary>What was found, in words, for whoever looks into it.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>Whether the rows and calls are as required.</summary>
    public bool IsClean => CalledTwice + Forgotten + NeverCalled + Wrong + OutOfHours + CapExceeded + TalkingCut + Unheard == 0;
}
