using System.Globalization;

namespace Dialer.Demo;

/// <summary>Where the parts of the demo are; <c>./dialer demo</c> fills this in.</summary>
public sealed record Options(Uri Web, string ApiKey, string NetworkFolder, string ScriptsFolder, int PbxSipPort, bool Once)
{
    public static Options Parse(string[] arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var once = false;
        for (var index = 0; index < arguments.Length; index++)
        {
            if (arguments[index] == "--once")
            {
                once = true;
            }
            else if (index + 1 < arguments.Length)
            {
                values[arguments[index]] = arguments[++index];
            }
        }

        return new Options(
            new Uri(Needed("--web")),
            Environment.GetEnvironmentVariable("Dialer__ApiKey") ?? throw Missing("the environment variable Dialer__ApiKey"),
            Needed("--network"),
            Needed("--scripts"),
            int.Parse(Needed("--pbx-sip-port"), CultureInfo.InvariantCulture),
            once);

        string Needed(string name) => values.TryGetValue(name, out var value) ? value : throw Missing(name);
    }

    private static InvalidOperationException Missing(string what) => new($"{what} is missing. Start the demo with ./dialer demo, which sets everything.");
}
