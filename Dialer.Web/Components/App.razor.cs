using Dialer.Web.Components.Layout;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Dialer.Web.Components;

/// <summary>The document. Pages are interactive over a circuit, except those that set cookies (the login).</summary>
public sealed partial class App : ComponentBase
{
    [CascadingParameter] private HttpContext Http { get; set; } = null!;

    private IComponentRenderMode? Mode => Http.AcceptsInteractiveRouting() ? RenderMode.InteractiveServer : null;

    private bool Dark => Preferences.IsDark(Http.Request);
}
