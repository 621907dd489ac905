using System.Data.Common;

namespace Dialer.ClientSample;

/// <summary>What the sample is told on its command line.</summary>
internal sealed record Options(string Tenant, string Campaign, string Database)
{
    public const string Usage = """
        Starts a campaign and follows it until every contact is done or Ctrl-C is pressed.
          Dialer.ClientSample TENANT CAMPAIGN [CONNECTION]
        CONNECTION is the connection string of Dialer's PostgreSQL; without it the environment variable DIALER_DATABASE has it.
        """;

    /// <exception cref="ArgumentException">Something is missing; the message says what.</exception>
    public static Options Parse(string[] arguments)
    {
        if (arguments is not [var tenant, var campaign, .. var rest] || rest.Length > 1)
            throw new ArgumentException($"A tenant and a campaign are needed.{Environment.NewLine}{Usage}");
        var database = rest is [var given] ? given : Environment.GetEnvironmentVariable("DIALER_DATABASE");
        if (string.IsNullOrWhiteSpace(database))
            throw new ArgumentException(
                $"No connection string: give it as the third argument or in DIALER_DATABASE (./dialer database prints it).{Environment.NewLine}{Usage}");
        return new Options(tenant, campaign, Checked(database));
    }

    private static string Checked(string database)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = database }.ConnectionString;
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"The connection string is not understood; one looks like Host=127.0.0.1;Database=dialer;Username=dialer;Password=…. {e.Message}", e);
        }
    }
}
