namespace Dialer.Chaos.Installation;

/// <summary>A small disk of its own, in memory, that can be filled to the last byte and emptied again.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Size = "1g";
    private const int Block = 1 << 20;
    private readonly string _ballast;

    /// <exception cref="InvalidOperationException">It can't be mounted: that takes root.</exception>
    public SmallDisk(string folder)
    {
        Folder = folder;
        _ballast = Path.Combine(folder, "ballast");
        Directory.CreateDirectory(folder);
        HostCommand.Run("mount", "-t", "tmpfs", "-o", $"size={Size},mode=755", "tmpfs", folder);
        AppDomain.CurrentDomain.ProcessExit += EndWithProcess;
    }

    public string Folder { get; }

    /// <summary>Takes all that is left; what others free meanwhile is taken too, if this is done again.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = Block; size > 0; size /= 2)
        {
            try
            {
                for (var block = new byte[size]; ;)
                    ballast.Write(block);
            }
            // Full for blocks of this size.
            catch (IOException)
            {
            }
        }
    }

    public void Empty() => File.Delete(_ballast);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProcess;
        HostCommand.Run("umount", "--lazy", Folder);
    }

    private void EndWithProcess(object? sender, EventArgs e) => HostCommand.Run("umount", "--lazy", Folder);
}
