using System.Globalization;

namespace Dialer.Benchmarks.Installation;

/// <summary>
/// A control group that holds the processes in it to a share of a core, as a small machine or a container would. Needs root.
/// </summary>
internal sealed class CpuLimit : IDisposable
{
    // Short, so that it is more like a slow core than like one that stands still half of the time.
    private const int PeriodMicroseconds = 10_000;

    private readonly string _folder;
    private readonly bool _second;

    private CpuLimit(string folder, bool second) => (_folder, _second) = (folder, second);

    /// <summary>Whoever writes a process id here is held to the limit, with all that it starts.</summary>
    public string Processes => Path.Combine(_folder, "cgroup.procs");

    /// <summary>Makes a group, without a limit as yet.</summary>
    /// <exception cref="InvalidOperationException">This machine lets us make none.</exception>
    public static CpuLimit Create(string name)
    {
        // Version 2 of the interface, then version 1.
        foreach (var (root, second) in new[] { ("/sys/fs/cgroup", true), ("/sys/fs/cgroup/cpu", false) })
        {
            var folder = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"dialer-bench-{Environment.ProcessId}-{name}"));
            try
            {
                if (File.Exists(Path.Combine(root, second ? "cgroup.subtree_control" : "cpu.cfs_quota_us")))
                {
                    Directory.CreateDirectory(folder);
                    if (File.Exists(Path.Combine(folder, second ? "cpu.max" : "cpu.cfs_quota_us")))
                    {
                        return new CpuLimit(folder, second);
                    }

                    Directory.Delete(folder);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InvalidOperationException($"No control group can be made below {root}: {e.Message} This benchmark needs root.", e);
            }
        }

        throw new InvalidOperationException("This machine has no control groups for CPU time below /sys/fs/cgroup.");
    }

    /// <summary>Holds the group to so much of a core from now on.</summary>
    public void Set(double cores)
    {
        var quota = (int)Math.Round(cores * PeriodMicroseconds);
        if (_second)
        {
            Write("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicroseconds}"));
        }
        else
        {
            Write("cpu.cfs_period_us", PeriodMicroseconds.ToString(CultureInfo.InvariantCulture));
            Write("cpu.cfs_quota_us", quota.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Removes the group; its processes have ended.</summary>
    public void Dispose() => Directory.Delete(_folder);

    private void Write(string file, string value) => File.WriteAllText(Path.Combine(_folder, file), value);
}
