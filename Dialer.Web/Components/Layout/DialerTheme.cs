using MudBlazor;

namespace Dialer.Web.Components.Layout;

/// <summary>The palette: unlike MudBlazor's own it has the contrast that WCAG 2.2 AA asks for, light and dark. Fonts are the system's.</summary>
public static class DialerTheme
{
    private const string NearBlack = "#16161d";

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#4338ca",
            Secondary = "#9d174d",
            Info = "#0b5cad",
            Success = "#1b6e2c",
            Warning = "#8a4b00",
            Error = "#b3261e",
            AppbarBackground = "#312e81",
            AppbarText = "#ffffff",
            Background = "#f7f7fb",
            TextPrimary = "#1c1b22",
            TextSecondary = "#4a4858",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#a5b4fc",
            Secondary = "#f9a8d4",
            Info = "#7cc4ff",
            Success = "#6ee7a0",
            Warning = "#fbbf5c",
            Error = "#ffb4ab",
            PrimaryContrastText = NearBlack,
            SecondaryContrastText = NearBlack,
            InfoContrastText = NearBlack,
            SuccessContrastText = NearBlack,
            WarningContrastText = NearBlack,
            ErrorContrastText = NearBlack,
            AppbarBackground = "#211f3d",
            AppbarText = "#f2f1fa",
            Background = "#14131b",
            Surface = "#1f1e29",
            TextPrimary = "#f0eff7",
            TextSecondary = "#c4c2d4",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = ["system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"] },
            Button = new ButtonTypography { TextTransform = "none" },
        },
    };
}
