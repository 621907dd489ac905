using System.Globalization;

namespace Dialer.Benchmarks.Installation;

/// <summary>What the kernel says about a process and those that it started.</summary>
internal static class ProcessFigures
{
    // USER_HZ: the kernel reports CPU time to programs in hundredths of a second on every Linux that .NET runs on.
    private const int TicksPerSecond = 100;

    /// <summary>CPU time of a process and its descendants, those that have ended and were waited for included.</summary>
    public static TimeSpan Cpu(int process) => TimeSpan.FromSeconds(Tree(process).Sum(Ticks) / (double)TicksPerSecond);

    /// <summary>CPU time of everything on this machine since it started.</summary>
    public static TimeSpan MachineCpu()
    {
        // «cpu user nice system idle iowait irq softirq …»: all but the two in which nothing was done.
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..8];
        return TimeSpan.FromSeconds(fields.Where((_, i) => i is not (3 or 4)).Sum(f => long.Parse(f, CultureInfo.InvariantCulture)) / (double)TicksPerSecond);
    }

    /// <summary>Physical memory of a process, in megabytes (VmRSS).</summary>
    public static double MemoryMb(int process) => Status(process, "VmRSS:");

    /// <summary>How many sockets and how many other files (pipes and timers of the kernel among them) a process has open.</summary>
    public static (int Sockets, int Others) Descriptors(int process)
    {
        var targets = new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos().Select(fd => fd.LinkTarget ?? "").ToList();
        var sockets = targets.Count(target => target.StartsWith("socket:", StringComparison.Ordinal));
        return (sockets, targets.Count - sockets);
    }

    private static double Status(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024.0;
    }

    private static IEnumerable<int> Tree(int process)
    {
        var children = Read($"/proc/{process}/task/{process}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture));
        return children.SelectMany(Tree).Prepend(process);
    }

    private static long Ticks(int process)
    {
        var stat = Read($"/proc/{process}/stat");
        if (stat.Length == 0)
        {
            return 0;
        }

        // The name in brackets may hold anything; fields 14 to 17 of the line are utime, stime, cutime and cstime.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile; whoever waited for it has its time.
            return "";
        }
    }
}
