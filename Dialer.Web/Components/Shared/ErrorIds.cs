using System.Security.Cryptography;

namespace Dialer.Web.Components.Shared;

/// <summary>Ties what a person sees on a page to what the log says about it.</summary>
public static partial class ErrorIds
{
    /// <summary>Logs a failure and gives the id it can be found by.</summary>
    public static string Report(ILogger log, Exception failure)
    {
        var id = RandomNumberGenerator.GetHexString(8, lowercase: true);
        LogFailure(log, failure, id);
        return id;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed, error id {ErrorId}")]
    private static partial void LogFailure(ILogger log, Exception failure, string errorId);
}
