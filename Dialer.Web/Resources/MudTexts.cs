using Microsoft.Extensions.Localization;
using MudBlazor;

namespace Dialer.Web.Resources;

/// <summary>MudBlazor's own texts in Russian (<c>MudTexts.ru.resx</c>); in English its built-in ones are used.</summary>
public sealed class MudTexts(IStringLocalizer<MudTexts> texts) : MudLocalizer
{
    public override LocalizedString this[string key] => texts[key];

    public override LocalizedString this[string key, params object[] arguments] => texts[key, arguments];
}
