using System.Collections.Concurrent;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Grains.Interfaces.Nodes;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Web.Components.Campaigns;

namespace Dialer.Tests.Pages;

/// <summary>What the scripted grains of a test know, and the test may change.</summary>
public sealed class ScriptedWorld : ICampaignRows
{
    public const string Tenant = "tszh";
    public const string Campaign = "debts";

    private readonly Lock _lock = new();
    private readonly List<ContactView> _contacts = [];
    private readonly List<AttemptView> _attempts = [];

    /// <summary>Whether grains fail, as they do while no silo can be reached.</summary>
    public bool Failing { get; set; }

    public ConcurrentDictionary<string, bool> Enabled { get; } = new();

    public TrunkStatus Trunk { get; set; } =
        new(5, 3, 1, new Dictionary<string, int> { [Campaign] = 2 }, TrunkHealth.Down, "The gateway answers 503.", DateTimeOffset.Parse("2026-03-09T04:05:00Z"));

    public NodeStatus Node { get; set; } = new("pbx", true, "22.10.1", 2, null);

    /// <summary>The list that was uploaded: everybody waits.</summary>
    public void Replace(IEnumerable<(string Name, string Number)> people)
    {
        lock (_lock)
        {
            _contacts.Clear();
            _attempts.Clear();
            foreach (var (name, number) in people)
            {
                _contacts.Add(new ContactView(
                    _contacts.Count + 1, name, [number], new Dictionary<string, string> { ["BALANCE"] = "-68.27" }, ContactState.Waiting, 0, null, null));
            }
        }
    }

    /// <summary>One more call is made and ends: two of three are answered and listened to.</summary>
    public void CallNext()
    {
        lock (_lock)
        {
            var at = _contacts.FindIndex(contact => contact.State == ContactState.Waiting);
            if (at < 0)
                return;
            var contact = _contacts[at];
            var success = at % 3 != 1;
            var started = DateTimeOffset.Parse("2026-03-09T04:05:00Z").AddSeconds(20 * _attempts.Count);
            _attempts.Add(new AttemptView(
                Guid.CreateVersion7(started), contact.Id, contact.Name, contact.Numbers[0], "main", started, success ? started.AddSeconds(6) : null,
                started.AddSeconds(20), success ? TimeSpan.FromSeconds(14) : null, success ? Verdict.Success : Verdict.NoAnswer,
                success ? 16 : 19, at % 3 == 0 ? "1" : null, at % 3 == 0 ? "office" : null));
            _contacts[at] = contact with
            {
                State = success ? ContactState.Done : ContactState.Failed, Attempts = 1, LastVerdict = success ? Verdict.Success : Verdict.NoAnswer,
            };
        }
    }

    public CampaignStats Stats(string key)
    {
        lock (_lock)
        {
            long In(ContactState state) => _contacts.LongCount(contact => contact.State == state);
            var answered = _attempts.LongCount(attempt => attempt.AnsweredAt is not null);
            var asked = _attempts.LongCount(attempt => attempt.Keys is not null);
            var verdicts = _attempts.GroupBy(attempt => attempt.Verdict!.Value).ToDictionary(group => group.Key, group => group.LongCount());
            var talk = TimeSpan.FromSeconds(14 * answered);
            return new CampaignStats(
                new ContactCounts(_contacts.Count, In(ContactState.Waiting), 0, In(ContactState.Done), In(ContactState.Failed), 0),
                new AttemptCounts(_attempts.Count, answered, verdicts), new TalkTime(talk, answered == 0 ? default : talk / answered),
                new OperatorCounts(asked, asked), new LineCounts(Status(key).State == CampaignActivity.Calling ? 2 : 0, 3));
        }
    }

    public CampaignStatus Status(string key)
    {
        lock (_lock)
        {
            if (!Enabled.GetValueOrDefault(key))
                return new CampaignStatus(CampaignActivity.Paused, [new StatusReason("paused", "The campaign is not enabled.")]);
            if (_contacts.Count == 0)
                return new CampaignStatus(CampaignActivity.Idle, [new StatusReason("noContacts", "No list was uploaded.")]);
            return _contacts.Exists(contact => contact.State == ContactState.Waiting)
                ? new CampaignStatus(CampaignActivity.Calling, [])
                : new CampaignStatus(CampaignActivity.Finished, [new StatusReason("finished", "Every contact is done.")]);
        }
    }

    public Task<RowPage<ContactView>> Contacts(int campaign, ContactRowFilter filter, string? cursor, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(Cut(
                _contacts.Where(contact => filter.State is null || contact.State == filter.State)
                    .Where(contact => filter.Number is null || contact.Numbers.Any(number => number.Contains(filter.Number, StringComparison.Ordinal))), cursor));
        }
    }

    public Task<RowPage<AttemptView>> Attempts(int campaign, AttemptRowFilter filter, string? cursor, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(Cut(
                _attempts.AsEnumerable().Reverse().Where(attempt => filter.Verdict is null || attempt.Verdict == filter.Verdict)
                    .Where(attempt => filter.Number is null || attempt.Number.Contains(filter.Number, StringComparison.Ordinal)), cursor));
        }
    }

    private static RowPage<T> Cut<T>(IEnumerable<T> all, string? cursor)
    {
        var from = cursor is null ? 0 : int.Parse(cursor);
        var rows = all.Skip(from).Take(RowPage<T>.Size + 1).ToList();
        return new RowPage<T>([.. rows.Take(RowPage<T>.Size)], rows.Count > RowPage<T>.Size ? (from + RowPage<T>.Size).ToString() : null);
    }
}
