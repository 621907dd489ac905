using Dialer.Grains.DialPlans;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Speech;

namespace Dialer.Grains.Calls;

/// <summary>What a call plays at each step: clips of the tenant, and phrases with the contact's variables.</summary>
public sealed class CallSpeech(MediaLibrary media)
{
    /// <summary>Whether what was never spoken before can probably not be spoken now.</summary>
    public bool IsFailing => media.EngineFails;

    /// <summary>Finds out whether it works again.</summary>
    public Task TryAgainAsync() => media.TryEngineAgainAsync();

    /// <summary>The media of one step; renders what is not there yet.</summary>
    /// <exception cref="SpeechException">It can't be said: a variable is missing or no amount, or the speech engine fails.</exception>
    public async Task<IReadOnlyList<string>> OfStepAsync(
        DialPlanSnapshot plan, Extension step, IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken) => step switch
        {
            AutoInformer informer => [await OfAudioAsync(plan, informer.Audio, cancellationToken)],
            Playback playback => [await OfAudioAsync(plan, playback.Audio, cancellationToken)],
            SayText say => [.. (await media.SpeakAsync(
                SpokenText.Compose(say.Type, Template.Parse(say.Text), variables, plan.Culture, say.Sign), say.Voice, plan.Culture, cancellationToken))
                .Select(clip => media.MediaUri(clip.Id))],
            _ => [],
        };

    /// <summary>Makes everything that the call may say, while the phone rings.</summary>
    public async Task PrepareAsync(
        DialPlanSnapshot plan, string entry, IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        foreach (var number in DialPlanRules.Reachable(plan.Extensions, entry))
            if (plan.Extensions.TryGetValue(number, out var step))
                await OfStepAsync(plan, step, variables, cancellationToken);
    }

    private async Task<string> OfAudioAsync(DialPlanSnapshot plan, string audio, CancellationToken cancellationToken) =>
        plan.Audio.TryGetValue(audio, out var clip)
            ? media.MediaUri((await media.GetAsync(clip, cancellationToken)).Id)
            : throw new SpeechException(SpeechFault.Missing, $"The audio '{audio}' does not exist.");
}
