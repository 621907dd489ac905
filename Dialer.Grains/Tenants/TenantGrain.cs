using Dialer.Grains.State;
using System.Globalization;
using Dialer.Grains.Campaigns;
using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Nodes;
using Dialer.Grains.Speech;
using Dialer.Storage.Operators;
using Dialer.Storage.Tenants;
using Microsoft.Extensions.Logging;

namespace Dialer.Grains.Tenants;

/// <summary>
/// A tenant: settings, audio, operators' phones, and the lists of its campaigns and trunks. Key: the tenant's id. Called by the web
/// interface, and by campaigns and trunks that come and go. Everything here survives a crash. Queries interleave: the dial plan asks
/// for audio and operators while a command of this grain waits for the plan; they read what is stored, so a half-done command at most
/// shows its old state.
/// </summary>
public sealed class TenantGrain(
    [PersistentState("tenant")] IPersistentState<TenantState> store,
    TenantTable tenants, SipUsers sipUsers, MediaLibrary media, AsteriskNodes nodes, ILogger<TenantGrain> logger)
    : Grain, ITenantGrain, ITenantParts
{
    private static readonly TimeSpan LongestAudio = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(10);

    // Lost with the activation.
    private readonly StoredState<TenantState> _stored = new(store);
    // Nodes that have not heard of a phone, by its operator; where none is named, no node has.
    private readonly Dictionary<string, IReadOnlyCollection<string>> _unheard = new(StringComparer.Ordinal);
    private IGrainTimer? _telling;

    private string Id => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_stored.State.Untold.Count > 0)
            KeepTelling();
        return Task.CompletedTask;
    }

    public async Task<TenantSettings> Put(TenantSettings settings)
    {
        Keys.CheckId(Id, "id");
        Check(settings);
        if (!_stored.State.HasExample)
        {
            await tenants.SetAsync(Id, exists: true, CancellationToken.None);
            await _stored.SetAsync(_stored.State with { Audio = await ExampleAudio(settings.Culture) });
        }

        await _stored.SetAsync(_stored.State with { Settings = settings, Revision = _stored.State.Revision + 1 });
        var plan = GrainFactory.GetGrain<IDialPlanGrain>(Id);
        // The example comes once; a crash between the writes is mended by the next PUT.
        if (!_stored.State.HasExample)
        {
            if ((await plan.List()).Count == 0)
                await plan.PutAll(ExamplePlan.Extensions);
            await _stored.SetAsync(_stored.State with { HasExample = true });
        }
        else
            await plan.Refresh();
        return settings;
    }

    public async Task Delete()
    {
        // An earlier deletion may have ended before its last write.
        if (_stored.State.Settings is null)
            await tenants.SetAsync(Id, exists: false, CancellationToken.None);
        Exists();
        if (_stored.State.Campaigns.Count > 0)
            throw RefusedException.Conflict($"The tenant still has campaigns: {string.Join(", ", _stored.State.Campaigns)}. Delete them first.");
        if (_stored.State.Trunks.Count > 0)
            throw RefusedException.Conflict($"The tenant still has trunks: {string.Join(", ", _stored.State.Trunks)}. Delete them first.");
        await GrainFactory.GetGrain<IDialPlanGrain>(Id).PutAll(new Dictionary<string, Extension>());
        foreach (var phone in _stored.State.Phones.Keys.ToList())
            await DeleteOperator(phone);
        foreach (var phone in _stored.State.Untold.Keys)
            await sipUsers.FreeAsync(Id, phone, CancellationToken.None);
        await Keep(new TenantState { Untold = _stored.State.Untold });
        await tenants.SetAsync(Id, exists: false, CancellationToken.None);
    }

    public async Task<AudioInfo> PutAudioFile(string id, string contentType, byte[] content)
    {
        Exists();
        Keys.CheckId(id, "id");
        using var stream = new MemoryStream(content, writable: false);
        var clip = await Audible(() => media.ImportAsync(stream, contentType, CancellationToken.None));
        return await StoreAudio(new AudioInfo(id, clip.Id, clip.Duration, null, null));
    }

    public async Task<AudioInfo> PutAudioText(string id, string text, string? voice)
    {
        Exists();
        Keys.CheckId(id, "id");
        if (string.IsNullOrWhiteSpace(text) || text.Length > 4000)
            throw RefusedException.Invalid("text", "The text to speak is 1 to 4,000 characters.");
        return await StoreAudio(await Speak(id, text, voice, _stored.State.Settings!.Culture));
    }

    public async Task DeleteAudio(string id)
    {
        Exists();
        if (!_stored.State.Audio.ContainsKey(id))
            throw RefusedException.NotFound($"There is no audio '{id}'.");
        var users = (await GrainFactory.GetGrain<IDialPlanGrain>(Id).List())
            .Where(e => e.Value is AutoInformer a && a.Audio == id || e.Value is Playback p && p.Audio == id).Select(e => e.Key).ToList();
        if (users.Count > 0)
            throw RefusedException.Conflict($"The audio '{id}' is played by {string.Join(", ", users)}.");
        await _stored.SetAsync(_stored.State with { Audio = With(_stored.State.Audio, id, null) });
    }

    public async Task<OperatorInfo> PutOperator(string id, OperatorSettings settings)
    {
        Exists();
        Keys.CheckId(id, "id");
        if (string.IsNullOrWhiteSpace(settings.Name) || settings.Name.Length > 200)
            throw RefusedException.Invalid("name", "The name is 1 to 200 characters.");
        _stored.State.Phones.TryGetValue(id, out var old);
        var password = settings.Password ?? old?.Password
            ?? throw RefusedException.Invalid("password", "A new operator needs a password of at least 8 characters.");
        if (password.Length is < 8 or > 128 || password.Any(char.IsControl))
            throw RefusedException.Invalid("password", "The password is 8 to 128 printable characters.");
        var sipUser = old?.SipUser ?? await sipUsers.NameAsync(Id, id, CancellationToken.None);
        var phone = new Phone(settings.Name, password, sipUser);
        await Store(id, phone, sipUser);
        return new OperatorInfo(id, phone.Name, sipUser, await IsRegistered(sipUser));
    }

    public async Task DeleteOperator(string id)
    {
        Exists();
        if (!_stored.State.Phones.TryGetValue(id, out var phone))
            throw RefusedException.NotFound($"There is no operator '{id}'.");
        var users = (await GrainFactory.GetGrain<IDialPlanGrain>(Id).List())
            .Where(e => e.Value is OperatorQueue q && q.Members.Any(m => m.Operator == id)).Select(e => e.Key).ToList();
        if (users.Count > 0)
            throw RefusedException.Conflict($"The operator '{id}' is rung by {string.Join(", ", users)}.");
        await Store(id, null, phone.SipUser);
        await sipUsers.FreeAsync(Id, id, CancellationToken.None);
    }

    public async Task Register(TenantPart part, string id, bool exists)
    {
        if (exists)
            Exists();
        var state = _stored.State;
        var set = new SortedSet<string>(part == TenantPart.Campaign ? state.Campaigns : state.Trunks, StringComparer.Ordinal);
        if (exists ? set.Add(id) : set.Remove(id))
            await _stored.SetAsync(part == TenantPart.Campaign ? state with { Campaigns = set } : state with { Trunks = set });
    }

    public Task<TenantSettings?> Get() => Task.FromResult(_stored.State.Settings);

    public Task<IReadOnlyList<string>> Campaigns() => Task.FromResult<IReadOnlyList<string>>([.. _stored.State.Campaigns]);

    public Task<IReadOnlyList<string>> Trunks() => Task.FromResult<IReadOnlyList<string>>([.. _stored.State.Trunks]);

    public Task<IReadOnlyList<AudioInfo>> Audio() => Task.FromResult<IReadOnlyList<AudioInfo>>([.. _stored.State.Audio.Values]);

    public async Task<byte[]?> GetAudio(string id) => _stored.State.Audio.TryGetValue(id, out var audio)
        ? await media.GetWavAsync(audio.ClipId, CancellationToken.None)
        : null;

    public async Task<IReadOnlyList<OperatorInfo>> Operators()
    {
        var infos = new List<OperatorInfo>();
        foreach (var (id, phone) in _stored.State.Phones)
            infos.Add(new OperatorInfo(id, phone.Name, phone.SipUser, await IsRegistered(phone.SipUser)));
        return infos;
    }

    public Task<IReadOnlyList<PhoneSpec>> Phones() => Task.FromResult<IReadOnlyList<PhoneSpec>>(
        [.. _stored.State.Phones.Values.Select(Spec)]);

    public Task<PhoneSpec?> Phone(string id) => Task.FromResult(_stored.State.Phones.TryGetValue(id, out var phone) ? Spec(phone) : null);

    public Task<TenantSpeech> Speech() => Task.FromResult(new TenantSpeech(
        _stored.State.Revision, _stored.State.Settings?.Culture ?? "ru-RU", _stored.State.Audio.ToDictionary(a => a.Key, a => a.Value.ClipId)));

    public Task<long> Revision() => Task.FromResult(_stored.State.Revision);

    public Task<string?> SipUser(string id) => Task.FromResult(_stored.State.Phones.GetValueOrDefault(id)?.SipUser);

    public Task<IReadOnlyList<string>> OperatorIds() => Task.FromResult<IReadOnlyList<string>>([.. _stored.State.Phones.Keys]);

    private static PhoneSpec Spec(Phone phone) => new(phone.SipUser, phone.Password, phone.Name);

    private static void Check(TenantSettings settings)
    {
        if (string.IsNullOrWhiteSpace(settings.Name) || settings.Name.Length > 200)
            throw RefusedException.Invalid("name", "The name is 1 to 200 characters.");
        if (!CultureInfo.GetCultures(CultureTypes.SpecificCultures).Any(c => c.Name == settings.Culture))
            throw RefusedException.Invalid("culture", $"'{settings.Culture}' is no culture with a region; examples are ru-RU and en-US.");
        if (settings.TimeZone.Length == 0 || !TimeZoneInfo.TryFindSystemTimeZoneById(settings.TimeZone, out _))
            throw RefusedException.Invalid("timeZone", $"'{settings.TimeZone}' is no time zone known here; an example is Europe/Moscow.");
    }

    private void Exists()
    {
        if (_stored.State.Settings is null)
            throw RefusedException.NotFound($"There is no tenant '{Id}'.");
    }

    private async Task<SortedDictionary<string, AudioInfo>> ExampleAudio(string culture)
    {
        var audio = With(_stored.State.Audio);
        foreach (var (id, text) in ExamplePlan.Texts(culture))
            if (!audio.ContainsKey(id))
                audio[id] = await Speak(id, text, null, culture);
        return audio;
    }

    private static SortedDictionary<string, TPart> With<TPart>(SortedDictionary<string, TPart> parts) => new(parts, StringComparer.Ordinal);

    /// <param name="part">Null takes it away.</param>
    private static SortedDictionary<string, TPart> With<TPart>(SortedDictionary<string, TPart> parts, string id, TPart? part)
        where TPart : class
    {
        var changed = With(parts);
        if (part is null)
            changed.Remove(id);
        else
            changed[id] = part;
        return changed;
    }

    private async Task<AudioInfo> Speak(string id, string text, string? voice, string culture)
    {
        var clip = await Audible(() => media.SpeakAsync(text, voice, culture, CancellationToken.None));
        return new AudioInfo(id, clip.Id, clip.Duration, text, voice);
    }

    private async Task<AudioInfo> StoreAudio(AudioInfo audio)
    {
        if (audio.Duration > LongestAudio)
            throw RefusedException.Invalid("audio", $"The audio lasts {audio.Duration:g}; at most {LongestAudio:g} can be stored.");
        await _stored.SetAsync(_stored.State with { Audio = With(_stored.State.Audio, audio.Id, audio), Revision = _stored.State.Revision + 1 });
        await GrainFactory.GetGrain<IDialPlanGrain>(Id).Refresh();
        return audio;
    }

    /// <param name="phone">Null takes it away.</param>
    private async Task Store(string id, Phone? phone, string sipUser)
    {
        _unheard.Remove(id);
        // Before it is stored: where the answer to that is lost, somebody must tell all the same.
        KeepTelling();
        var state = _stored.State;
        await _stored.SetAsync(state with { Phones = With(state.Phones, id, phone), Untold = With(state.Untold, id, sipUser) });
        await TellNodes(id, sipUser);
    }

    private async Task TellNodes(string id, string sipUser) =>
        _unheard[id] = await nodes.TellAsync(_unheard.GetValueOrDefault(id, nodes.Ids), node => node.PhoneChanged(sipUser), logger);

    private void KeepTelling() => _telling ??= this.RegisterGrainTimer(TellNodesAgain, new GrainTimerCreationOptions(TellAgain, TellAgain));

    private async Task TellNodesAgain()
    {
        var untold = With(_stored.State.Untold);
        foreach (var (id, sipUser) in _stored.State.Untold)
        {
            if (_unheard.GetValueOrDefault(id) is not { Count: 0 })
                await TellNodes(id, sipUser);
            if (_unheard[id].Count > 0)
                continue;
            if (!_stored.State.Phones.ContainsKey(id))
                await sipUsers.FreeAsync(Id, id, CancellationToken.None);
            untold.Remove(id);
        }

        if (untold.Count < _stored.State.Untold.Count)
            await Keep(_stored.State with { Untold = untold });
        if (untold.Count > 0)
            return;
        _telling!.Dispose();
        _telling = null;
    }

    // Of a tenant that is gone there is something to keep only as long as a node has not heard of it.
    private Task Keep(TenantState state) => state is { Settings: null, Untold.Count: 0 } ? _stored.ClearAsync() : _stored.SetAsync(state);

    private async Task<bool> IsRegistered(string sipUser)
    {
        foreach (var node in nodes.Ids)
            if (await nodes.Get(node).IsRegistered(sipUser))
                return true;
        return false;
    }

    private static async Task<Clip> Audible(Func<Task<Clip>> make)
    {
        try
        {
            return await make();
        }
        catch (AudioException e)
        {
            throw RefusedException.Invalid("audio", e.Message);
        }
        catch (SpeechEngineException e)
        {
            throw new RefusedException(Refusal.Unavailable, e.Message, "text");
        }
    }
}
