using System.Globalization;
using Dialer.Benchmarks.Installation;

namespace Dialer.Benchmarks.Calls;

/// <summary>CPU time of the parts of an installation, in milliseconds.</summary>
internal sealed record CallCpu(double Silo, double Postgres, double Web, double Asterisk)
{
    public static CallCpu operator -(CallCpu a, CallCpu b) => new(a.Silo - b.Silo, a.Postgres - b.Postgres, a.Web - b.Web, a.Asterisk - b.Asterisk);

    public static CallCpu Now(FakeInstallation of) => new(Of(of.Dialer.Silo), Of(of.Dialer.Postgres), Of(of.Dialer.Web), Of(of.Asterisk.Id));

    public CallCpu Per(double calls) => new(Silo / calls, Postgres / calls, Web / calls, Asterisk / calls);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"silo {Silo:0.000}, PostgreSQL {Postgres:0.000}, web {Web:0.000}, fake Asterisk {Asterisk:0.000}");

    private static double Of(int process) => ProcessFigures.Cpu(process).TotalMilliseconds;
}
