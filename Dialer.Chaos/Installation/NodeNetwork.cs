using System.Globalization;

namespace Dialer.Chaos.Installation;

/// <summary>
/// Each Asterisk node as a host of its own (a network namespace) with two cables: one to a switch with the silos, one to a switch with the
/// telephone network. The cable to the silos can be pulled: packets vanish, and nobody is told.
/// </summary>
internal sealed class NodeNetwork : IDisposable
{
    // Names of interfaces have at most 15 characters.
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"dlr{Environment.ProcessId % 10_000_000}");
    private readonly string _net = string.Create(CultureInfo.InvariantCulture, $"10.{64 + (Environment.ProcessId % 64)}");
    private readonly int _nodes;

    /// <exception cref="InvalidOperationException">It can't be made: that takes root and iproute2.</exception>
    public NodeNetwork(int nodes)
    {
        _nodes = nodes;
        try
        {
            Switch(ToSilos);
            Switch(ToTelephony);
            for (var node = 0; node < nodes; node++)
            {
                Ip($"netns add {Namespace(node)}");
                Ip($"-n {Namespace(node)} link set lo up");
                Cable(node, ToSilos);
                Cable(node, ToTelephony);
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        AppDomain.CurrentDomain.ProcessExit += EndWithProcess;
    }

    private static (char Letter, int Net) ToSilos => ('s', 0);

    private static (char Letter, int Net) ToTelephony => ('t', 1);

    /// <summary>Where the telephone network is to listen.</summary>
    public string TelephonyAddress => $"{_net}.{ToTelephony.Net}.1";

    /// <summary>Where calls come from.</summary>
    public string NodesAtTelephony => $"{_net}.{ToTelephony.Net}.0/24";

    public string Namespace(int node) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{node + 1}");

    /// <summary>Where the silos reach a node.</summary>
    public string AddressForSilos(int node) => Address(node, ToSilos);

    /// <summary>Where the telephone network reaches a node.</summary>
    public string AddressForTelephony(int node) => Address(node, ToTelephony);

    /// <summary>Breaks the connections between silos and a node; new ones can be made.</summary>
    /// <param name="silos">The silos' process ids.</param>
    /// <returns>How many of theirs were broken. A kernel without CONFIG_INET_DIAG_DESTROY breaks none, and ss does not complain of it.</returns>
    public int CutConnections(int node, IReadOnlyCollection<int> silos) =>
        HostCommand.Run("ss", "--kill", "--no-header", "--tcp", "--processes", "dst", AddressForSilos(node))
            .Split('\n').Count(line => silos.Any(silo => line.Contains($"pid={silo},", StringComparison.Ordinal)));

    public void PullCable(int node) => Ip($"link set {Plug(node, ToSilos)} nomaster");

    public void PlugIn(int node) => Ip($"link set {Plug(node, ToSilos)} master {SwitchName(ToSilos)}");

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProcess;
        Remove();
    }

    private void EndWithProcess(object? sender, EventArgs e) => Remove();

    private void Remove()
    {
        var commands = Enumerable.Range(0, _nodes).Select(node => $"netns del {Namespace(node)}")
            .Append($"link del {SwitchName(ToSilos)}").Append($"link del {SwitchName(ToTelephony)}");
        foreach (var command in commands)
        {
            try
            {
                Ip(command);
            }
            // Never made, or gone already.
            catch (InvalidOperationException)
            {
            }
        }
    }

    private void Switch((char Letter, int Net) kind)
    {
        Ip($"link add {SwitchName(kind)} type bridge");
        Ip($"addr add {_net}.{kind.Net}.1/24 dev {SwitchName(kind)}");
        Ip($"link set {SwitchName(kind)} up");
    }

    private void Cable(int node, (char Letter, int Net) kind)
    {
        var (plug, far) = (Plug(node, kind), $"eth{kind.Net}");
        Ip($"link add {plug} type veth peer name {far} netns {Namespace(node)}");
        Ip($"link set {plug} master {SwitchName(kind)} up");
        Ip($"-n {Namespace(node)} addr add {Address(node, kind)}/24 dev {far}");
        Ip($"-n {Namespace(node)} link set {far} up");
    }

    private string SwitchName((char Letter, int Net) kind) => $"{_name}{kind.Letter}";

    private string Plug(int node, (char Letter, int Net) kind) => string.Create(CultureInfo.InvariantCulture, $"{_name}{kind.Letter}{node + 1}");

    private string Address(int node, (char Letter, int Net) kind) => string.Create(CultureInfo.InvariantCulture, $"{_net}.{kind.Net}.{11 + node}");

    private static void Ip(string command) => HostCommand.Run("ip", command.Split(' '));
}
