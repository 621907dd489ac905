using System.Threading.Channels;

namespace Dialer.Tests.Database;

/// <summary>
/// The database side of a group commit under a test's control: each batch arrives in <see cref="NextAsync"/>, and stays
/// under way until the test answers it.
/// </summary>
internal sealed class ScriptedCommit
{
    private readonly Channel<Batch> _batches = Channel.CreateUnbounded<Batch>();

    public async Task<IReadOnlyList<string>> CommitAsync(IReadOnlyList<int> requests, CancellationToken cancellationToken)
    {
        var batch = new Batch([.. requests]);
        await _batches.Writer.WriteAsync(batch, CancellationToken.None);
        return await batch.Answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The next statement; fails the test if none comes.</summary>
    public async Task<Batch> NextAsync() =>
        await _batches.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public bool IsIdle => !_batches.Reader.TryPeek(out _);

    internal sealed record Batch(int[] Requests)
    {
        public TaskCompletionSource<IReadOnlyList<string>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Store() => Answer.SetResult([.. Requests.Select(request => $"stored {request}")]);

        public void Fail(Exception error) => Answer.SetException(error);
    }
}
