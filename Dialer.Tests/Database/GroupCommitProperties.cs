using System.Collections.Concurrent;
using CsCheck;
using Dialer.Storage.Database;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Database;

/// <summary>Whatever callers, batch sizes and failures come together: every caller gets its own answer, exactly once.</summary>
public sealed class GroupCommitProperties
{
    private sealed record Case(int Callers, int RequestsEach, int MaxBatch, int Capacity, int BadEvery, int CancelEvery);

    private static readonly Gen<Case> Cases =
        from callers in Gen.Int[1, 8]
        from each in Gen.Int[1, 40]
        from maxBatch in Gen.Int[1, 20]
        from capacity in Gen.Int[1, 30]
        from badEvery in Gen.Int[2, 12]
        from cancelEvery in Gen.Int[2, 12]
        select new Case(callers, each, maxBatch, capacity, badEvery, cancelEvery);

    [Fact]
    public Task No_request_is_lost_stored_twice_or_given_the_answer_of_another() =>
        Cases.SampleAsync(HoldsAsync, iter: 150, threads: 1);

    private static async Task HoldsAsync(Case @case)
    {
        var stored = new ConcurrentDictionary<int, int>();
        Task<IReadOnlyList<string>> Commit(IReadOnlyList<int> requests, CancellationToken cancellationToken)
        {
            Assert.InRange(requests.Count, 1, @case.MaxBatch);
            if (requests.Any(IsBad))
            {
                throw new PostgresException("bad", "ERROR", "ERROR", PostgresErrorCodes.CheckViolation);
            }

            foreach (var request in requests)
            {
                stored.AddOrUpdate(request, 1, (_, times) => times + 1);
            }

            return Task.FromResult<IReadOnlyList<string>>([.. requests.Select(request => $"{request}")]);
        }

        bool IsBad(int request) => request % @case.BadEvery == 1;
        bool IsCancelled(int request) => request % @case.CancelEvery == 0;

        await using var commits = new GroupCommit<int, string>(Commit, new() { MaxBatch = @case.MaxBatch, Capacity = @case.Capacity });
        async Task<(int Request, string Outcome)> SendAsync(int request)
        {
            using var cancel = new CancellationTokenSource();
            var answer = commits.EnqueueAsync(request, cancel.Token);
            if (IsCancelled(request))
            {
                await cancel.CancelAsync();
            }

            try
            {
                return (request, await answer);
            }
            catch (PostgresException)
            {
                return (request, "bad");
            }
            catch (OperationCanceledException)
            {
                return (request, "cancelled");
            }
        }

        var outcomes = (await Task.WhenAll(Enumerable.Range(0, @case.Callers).Select(caller => Task.Run(async () =>
        {
            // Half one after the other, half all at once.
            var own = Enumerable.Range(caller * @case.RequestsEach, @case.RequestsEach).ToArray();
            var results = new List<(int Request, string Outcome)>();
            foreach (var request in own.Take(own.Length / 2))
            {
                results.Add(await SendAsync(request));
            }

            results.AddRange(await Task.WhenAll(own.Skip(own.Length / 2).Select(SendAsync)));
            return results;
        })))).SelectMany(results => results).ToArray();

        Assert.Equal(@case.Callers * @case.RequestsEach, outcomes.Length);
        Assert.All(stored, entry => Assert.Equal(1, entry.Value));
        foreach (var (request, outcome) in outcomes)
        {
            // Cancelled means not stored, and only who cancelled may hear so.
            Assert.True(outcome == (IsBad(request) ? "bad" : $"{request}") || (outcome == "cancelled" && IsCancelled(request)));
            Assert.Equal(outcome == $"{request}", stored.ContainsKey(request));
        }
    }
}
