using System.Security.Claims;
using Dialer.Web.Components.Layout;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components;

namespace Dialer.Web.Components.Login;

/// <summary>The login: a plain form without a circuit, because only an HTTP answer can set the cookie.</summary>
public sealed partial class LoginPage : ComponentBase
{
    /// <summary>The query parameter with the page that was asked for.</summary>
    public const string ReturnParameter = "back";

    /// <summary>A wrong password is answered late, so that guessing over one connection is slow from the first try on.</summary>
    private static readonly TimeSpan AfterWrong = TimeSpan.FromMilliseconds(500);

    [CascadingParameter] private HttpContext Http { get; set; } = null!;

    [SupplyParameterFromForm(FormName = "login")] private LoginEntry? Entry { get; set; }

    [SupplyParameterFromQuery(Name = ReturnParameter)] private string? Back { get; set; }

    [Inject] private LoginGate Gate { get; set; } = null!;

    [Inject] private TimeProvider Clock { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private string? Problem { get; set; }

    /// <summary>The address of the login that returns to a page of this site.</summary>
    public static string Address(string page) => $"/login?{ReturnParameter}={Uri.EscapeDataString("/" + page)}";

    protected override void OnInitialized()
    {
        if (!Gate.IsConfigured)
            Problem = Say["Login.NotConfigured"];
    }

    private async Task LogIn()
    {
        var address = Http.Connection.RemoteIpAddress?.ToString() ?? "";
        var answer = Gate.Try(address, Entry?.Password ?? "");
        if (!answer.Admitted)
        {
            await Task.Delay(AfterWrong, Clock, Http.RequestAborted);
            Problem ??= answer.Wait > TimeSpan.Zero ? Say["Login.Locked", Say.Age(answer.Wait + TimeSpan.FromSeconds(1))] : Say["Login.Wrong"];
            return;
        }
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "admin")], CookieAuthenticationDefaults.AuthenticationScheme);
        await Http.SignInAsync(
            CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
        Navigation.NavigateTo(Preferences.Local(Back));
    }

    /// <summary>What the form sends.</summary>
    private sealed class LoginEntry
    {
        public string? Password { get; set; }
    }
}
