namespace Dialer.Grains.State;

/// <summary>Keeps what a grain says to what is stored.</summary>
internal static class StoredState
{
    /// <summary>
    /// Waits for a write of a grain's state. Where that fails the grain's memory is ahead of what is stored (Orleans 10.4 does not put it back), or
    /// the answer alone was lost: the activation ends, and the next one begins with what is stored, so that whoever tries again really does.
    /// </summary>
    public static async Task OrEndAsync(this Task write, IGrainBase grain)
    {
        try
        {
            await write;
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
