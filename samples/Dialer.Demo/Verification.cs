using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dialer.Tests.Infrastructure;

namespace Dialer.Demo;

/// <summary>Waits until everybody has been dealt with, then compares what the dialer says with what the network saw.</summary>
/// <param name="api">The dialer.</param>
/// <param name="network">Who was called.</param>
/// <param name="log">How many lines were in use; ended here.</param>
/// <param name="since">Calls before this belong to an earlier demo.</param>
public sealed class Verification(DialerApi api, SimulatedNetwork network, SipLog log, DateTimeOffset since)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Prints a table and, as the last line, a JSON summary; true when everything agrees.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var contacts = await WaitAsync(cancellationToken);
        // Whom the carrier's congestion keeps waiting would be called for ever.
        await api.PostAsync($"{Scenario.Campaign}/pause", cancellationToken);
        var attempts = await RowsAsync("attempts", cancellationToken);
        var calls = network.Calls().Where(call => call.StartedAt >= since).ToList();
        var messages = await log.EndAsync();

        Console.WriteLine($"{"NAME",-22} {"STATE",-9} {"LAST VERDICT",-14} {"ATTEMPTS",8} {"NETWORK SAW",11}  AGREES");
        var disagreements = Cast.People.Count(person => !Agrees(person, contacts, attempts, calls));

        var toPeople = messages.Where(call => IsToPeople(call.Number)).ToList();
        var ofCampaign = SipCall.MostAtOnce(toPeople);
        var ofTrunk = SipCall.MostAtOnce(toPeople.Concat(messages.Where(call => call.Number == Scenario.Mobile)));
        // One that is not over yet is in the messages alone; the other way round a line would not be counted.
        var logged = calls.Count(call => IsToPeople(call.Number));
        Console.WriteLine($"Calls to them: {logged} in the network's log, {toPeople.Count} in its SIP messages");
        Console.WriteLine($"Lines in use at once: campaign {ofCampaign} of {Scenario.Share}, trunk {ofTrunk} of {Scenario.Lines}");
        var ok = disagreements == 0 && toPeople.Count >= logged && ofCampaign <= Scenario.Share && ofTrunk <= Scenario.Lines;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            ok,
            people = Cast.People.Count,
            disagreements,
            calls = calls.Count,
            mostLinesOfCampaign = ofCampaign,
            mostLinesOfTrunk = ofTrunk,
            seconds = (int)_watch.Elapsed.TotalSeconds,
        }));
        return ok;
    }

    private async Task<IReadOnlyList<JsonNode>> WaitAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            // Those of an earlier demo were withdrawn by this upload.
            var contacts = (await RowsAsync("contacts", cancellationToken)).Where(contact => Text(contact, "state") != "withdrawn").ToList();
            var open = Cast.People.Where(person => person.State is not null
                && Text(Contact(contacts, person), "state") is not ("done" or "failed")).Select(person => person.Name).ToList();
            var tried = Cast.People.Where(person => person.State is null).All(person => Text(Contact(contacts, person), "lastVerdict") is not null);
            if (open.Count == 0 && tried)
            {
                return contacts;
            }

            if (_watch.Elapsed > Patience)
            {
                var status = await api.GetAsync($"{Scenario.Campaign}/status", cancellationToken);
                throw new TimeoutException($"After {Patience} these are still open: {string.Join(", ", open)}. The campaign says: {status.ToJsonString()}");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private bool Agrees(Person person, IReadOnlyList<JsonNode> contacts, IReadOnlyList<JsonNode> attempts, IReadOnlyList<NetworkCall> calls)
    {
        var contact = Contact(contacts, person);
        var own = attempts.Where(attempt => Text(attempt, "contactId") == Text(contact, "id")).ToList();
        var seen = calls.Where(call => person.IsCalledAt(call.Number)).ToList();
        var (state, verdict, count) = (Text(contact, "state"), Text(contact, "lastVerdict"), (int?)contact["attempts"]);
        var agrees = verdict == person.Verdict
            && (person.State is null || state == person.State)
            && (person.Attempts is null || (count == person.Attempts && seen.Count == count))
            && own.Count == count
            && (!person.AsksForOperator || SpokeWithOperator(own, seen));
        Console.WriteLine($"{person.Name,-22} {state,-9} {verdict,-14} {count,8} {seen.Count,11}  {(agrees ? "yes" : $"NO: expected {person.State} {person.Verdict} {person.Attempts}")}");
        return agrees;
    }

    /// <summary>The dialer names an operator, and the subscriber heard the tone that operators' phones send.</summary>
    private bool SpokeWithOperator(List<JsonNode> attempts, List<NetworkCall> calls) =>
        attempts.Any(attempt => Text(attempt, "operator") is { Length: > 0 })
        && calls.Any(call => network.Heard(call)?.Heard(880) > TimeSpan.FromSeconds(2));

    private static bool IsToPeople(string number) => Cast.People.Any(person => person.IsCalledAt(number));

    private async Task<IReadOnlyList<JsonNode>> RowsAsync(string what, CancellationToken cancellationToken)
    {
        List<JsonNode> rows = [];
        string? cursor = null;
        do
        {
            var page = await api.GetAsync(
                $"{Scenario.Campaign}/{what}?limit=1000{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", cancellationToken);
            rows.AddRange(page["items"]!.AsArray().Select(row => row!));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);

        return rows;
    }

    private static JsonNode Contact(IReadOnlyList<JsonNode> contacts, Person person) =>
        contacts.FirstOrDefault(contact => Text(contact, "name") == person.Name)
        ?? throw new InvalidOperationException($"The dialer has no contact «{person.Name}» though the list had.");

    private static string? Text(JsonNode node, string field) => node[field] is JsonValue value ? value.ToString() : null;
}
