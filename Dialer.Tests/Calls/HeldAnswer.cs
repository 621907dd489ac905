using Xunit;

namespace Dialer.Tests.Calls;

/// <summary>The answer of one grain call, which is kept back: whoever asked goes on with what was so then.</summary>
public sealed class HeldAnswer
{
    private readonly TaskCompletionSource _isHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HeldAnswer()
    {
    }

    public bool IsHeld => _isHeld.Task.IsCompleted;

    /// <summary>Holds the first answer of a method of the grain with that key from now on.</summary>
    public static HeldAnswer Of(CallWorld world, string method, string key)
    {
        var held = new HeldAnswer();
        world.Around = async call =>
        {
            await call.Invoke();
            if (call.InterfaceMethod.Name == method && call.TargetId.Key.ToString() == key && held._isHeld.TrySetResult())
                await held._letGo.Task.WaitAsync(TestContext.Current.CancellationToken);
        };
        return held;
    }

    public void LetGo() => _letGo.TrySetResult();
}
