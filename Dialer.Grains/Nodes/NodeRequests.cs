using Orleans.Runtime;

namespace Dialer.Grains.Nodes;

/// <summary>
/// What a call asks of its node, also while the node's grain moves to another silo. Everything has an id of ours, so what was done before is
/// not done again; but a call that was placed before may be over, so it is only looked for. (Meanings are with <see cref="IAsteriskNodeGrain"/>.)
/// </summary>
internal sealed class NodeRequests(IAsteriskNodeGrain node, SiloPulse pulse, TimeProvider time)
{
    public Task<NodeAnswer> Originate(OriginateOrder order) => Ask((node, again) => node.Originate(again ? order with { Again = true } : order));

    public Task<NodeAnswer> Play(string channel, string playback, IReadOnlyList<string> media) => Ask(node => node.Play(channel, playback, media));

    public Task<NodeAnswer> StopPlaying(string playback) => Ask(node => node.StopPlaying(playback));

    public Task<bool?> IsPlaying(string playback) => Ask(node => node.IsPlaying(playback));

    public Task<NodeAnswer> Hangup(string channel) => Ask(node => node.Hangup(channel));

    public Task<NodeAnswer> HoldMusic(string channel, bool on) => Ask(node => node.HoldMusic(channel, on));

    public Task<NodeAnswer> Answer(string channel) => Ask(node => node.Answer(channel));

    public Task<NodeAnswer> Connect(string bridge, IReadOnlyList<string> channels) => Ask(node => node.Connect(bridge, channels));

    public Task<IReadOnlyList<string>?> InBridge(string bridge) => Ask(node => node.InBridge(bridge));

    public Task<NodeAnswer> Disconnect(string bridge) => Ask(node => node.Disconnect(bridge));

    private Task<T> Ask<T>(Func<IAsteriskNodeGrain, Task<T>> request) => Ask((node, _) => request(node));

    // Each time: it may fall asleep between two of them.
    private Task<T> Ask<T>(Func<IAsteriskNodeGrain, bool, Task<T>> request) => MovingGrain.AskAsync(
        async again => await pulse.MayActAsync()
            ? await request(node, again)
            : throw new SiloUnavailableException("This silo has slept and is no member of the cluster any more; its calls go on elsewhere."),
        time);
}
