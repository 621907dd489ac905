using Orleans.Runtime;

namespace Dialer.Tests.Database;

/// <summary>The smallest grain that uses everything the database keeps for Orleans.</summary>
public interface IStoredTextGrain : IGrainWithStringKey
{
    Task Write(string text);

    Task<string?> Read();

    Task Clear();

    /// <summary>Differs from activation to activation.</summary>
    Task<Guid> Activation();

    /// <summary>Ends this activation; the next call finds a new one.</summary>
    Task Forget();

    Task Remind(string name);

    /// <summary>False where there was no such reminder.</summary>
    Task<bool> StopReminding(string name);
}

[GenerateSerializer, Alias("test-stored-text")]
public sealed class StoredText
{
    [Id(0)]
    public string? Text { get; set; }
}

public sealed class StoredTextGrain([PersistentState("text")] IPersistentState<StoredText> state)
    : Grain, IStoredTextGrain, IRemindable
{
    private readonly Guid _activation = Guid.NewGuid();

    public Task Write(string text)
    {
        state.State.Text = text;
        return state.WriteStateAsync();
    }

    public Task<string?> Read() => Task.FromResult(state.State.Text);

    public Task Clear() => state.ClearStateAsync();

    public Task<Guid> Activation() => Task.FromResult(_activation);

    public Task Forget()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Remind(string name) => this.RegisterOrUpdateReminder(name, TimeSpan.FromHours(1), TimeSpan.FromHours(1));

    public async Task<bool> StopReminding(string name)
    {
        if (await this.GetReminder(name) is not { } reminder)
        {
            return false;
        }

        await this.UnregisterReminder(reminder);
        return true;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
