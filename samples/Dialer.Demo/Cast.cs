using System.Text;

namespace Dialer.Demo;

/// <summary>A person of the demo's list, and what must have become of them in the end.</summary>
/// <param name="Name">As in the list.</param>
/// <param name="Numbers">Digits 5 and 6 of 7999BB… say how the network lets them behave.</param>
/// <param name="Balance">What they owe.</param>
/// <param name="State">The contact's last state; null where the carrier's fault keeps it waiting.</param>
/// <param name="Verdict">The last attempt's.</param>
/// <param name="Attempts">How many; null where it depends on how long the demo took.</param>
public sealed record Person(string Name, string[] Numbers, string Balance, string? State, string Verdict, int? Attempts)
{
    /// <summary>Whether the network was called under one of this person's numbers; ten digits may have got their country's code before them.</summary>
    public bool IsCalledAt(string number) => Numbers.Any(own => number.EndsWith(own, StringComparison.Ordinal));

    /// <summary>Presses 1 and must come to speak with an operator.</summary>
    public bool AsksForOperator => Numbers[0].StartsWith("799917", StringComparison.Ordinal);
}

/// <summary>Who is called: the two people of the scenario, and one of each kind that the network knows.</summary>
public static class Cast
{
    /// <summary>Retries of the demo's campaign: one attempt more than that for those who are never reached.</summary>
    public const int Retries = 3;

    /// <summary>A row that is there twice and a row that has no number, as happens in real lists.</summary>
    public const int Duplicates = 1, Rejected = 1;

    public static IReadOnlyList<Person> People { get; } =
    [
        new("Igor Lipko", ["17605632123", "79508881234"], "-68.27", "done", "success", 1),
        new("Ilya mihailov", ["7760569623"], "-525.19", "done", "success", 1),
        new("Listens Example", ["79991000001"], "-1200.00", "done", "success", 1),
        new("Hangs Up Example", ["79991100001"], "-10.50", "failed", "tooShort", 1 + Retries),
        new("Busy Example", ["79991200001"], "-21.00", "failed", "busy", 1 + Retries),
        new("Absent Example", ["79991300001"], "-33.33", "failed", "noAnswer", 1 + Retries),
        new("Unknown Example", ["79991400001"], "-4.00", "failed", "invalidNumber", 1),
        new("Moved Example", ["79991400002", "79991000002"], "-1.00", "done", "success", 2),
        new("Refuses Example", ["79991500001"], "-5.05", "failed", "rejected", 1 + Retries),
        new("Congested Example", ["79991600001"], "-6.00", null, "congestion", null),
        new("Wants Help Example", ["79991700014"], "-2500.75", "done", "success", 1),
        new("Wrong Key Example", ["79991800014"], "-7.77", "done", "success", 1),
        new("Early Media Example", ["79992200001"], "-8.00", "done", "success", 1),
        new("Second Time Example", ["79992400001"], "-9.10", "done", "success", 2),
        new("Busy First Example", ["79992500001"], "-11.11", "done", "success", 2),
        new("Absent First Example", ["79992600001"], "-12.00", "done", "success", 2),
    ];

    /// <summary>The list as accounting would export it.</summary>
    public static string Csv()
    {
        var csv = new StringBuilder("\"NAME\",\"PHONE_NUMBER\",\"USER_VARS\"\n");
        foreach (var person in People.Append(People[0]))
        {
            csv.Append('"').Append(person.Name).Append("\",\"").AppendJoin(';', person.Numbers)
                .Append("\",\"BALANCE=").Append(person.Balance).Append("\"\n");
        }

        return csv.Append("\"No Number Example\",\"\",\"BALANCE=-1.00\"\n").ToString();
    }
}
