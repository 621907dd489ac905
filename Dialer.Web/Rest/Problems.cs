using System.Diagnostics;
using System.Net.Sockets;
using Dialer.Grains.Interfaces;
using Dialer.Storage.Contacts.Lists;
using Dialer.Web.Contacts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Dialer.Web.Rest;

/// <summary>Turns everything that goes wrong below <c>/api</c> into problem details (RFC 9457) for the person who sent the request.</summary>
internal sealed class Problems(ILogger<Problems> logger) : IExceptionHandler
{
    private const string RetryAfterSeconds = "5";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = Describe(exception, Activity.Current?.TraceId.ToString() ?? httpContext.TraceIdentifier);
        if (problem.Status == StatusCodes.Status500InternalServerError)
            logger.LogError(exception, "A request failed: {Method} {Path}", httpContext.Request.Method, httpContext.Request.Path);
        await WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>What the client is told about <paramref name="exception"/>; nothing of the program's inside.</summary>
    internal static ProblemDetails Describe(Exception exception, string traceId) => exception switch
    {
        ListRefusedException list => WithId(Create(StatusOf(list.Fault), list.Message, "file"), list.Id),
        RefusedException refused => Create(StatusOf(refused.Refusal), refused.Message, refused.Field),
        BadHttpRequestException bad => Create(bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge : bad.Message),
        TimeoutException or OperationCanceledException or OrleansMessageRejectionException or SiloUnavailableException or ConnectionFailedException =>
            Create(StatusCodes.Status503ServiceUnavailable, "The dialer's silo did not answer in time. Whether the change was made is unknown; read it, and try again in a few seconds."),
        PostgresException { SqlState: [not ('5' or '0'), ..] } => Unexpected(traceId),
        NpgsqlException or SocketException =>
            Create(StatusCodes.Status503ServiceUnavailable, "The database cannot be reached at the moment; try again in a few seconds."),
        _ => Unexpected(traceId),
    };

    /// <summary>Problem details with the status' usual title; <paramref name="field"/> is named in <c>field</c> and <c>errors</c>.</summary>
    public static ProblemDetails Create(int status, string detail, string? field = null)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            Detail = detail,
        };
        if (!string.IsNullOrEmpty(field))
        {
            problem.Extensions["field"] = field;
            problem.Extensions["errors"] = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [detail] };
        }

        return problem;
    }

    /// <summary>For answers that the framework makes without a body: no such route, wrong method, wrong media type.</summary>
    public static Task DescribeStatus(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var detail = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {http.Request.Path}; /openapi/v1.json lists what there is.",
            StatusCodes.Status405MethodNotAllowed => $"{http.Request.Method} is not possible at {http.Request.Path}; allowed: {http.Response.Headers.Allow}.",
            StatusCodes.Status413PayloadTooLarge => TooLarge,
            StatusCodes.Status415UnsupportedMediaType => $"'{http.Request.ContentType}' is not accepted at {http.Request.Path}; /openapi/v1.json says what is.",
            _ => "The request could not be answered.",
        };
        return WriteAsync(http, Create(http.Response.StatusCode, detail));
    }

    public static async Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        context.Response.StatusCode = problem.Status ?? StatusCodes.Status500InternalServerError;
        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        // The middleware that retries failed writes would find the body half sent; nothing of a problem is worth caching.
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(problem, RestJson.Options, "application/problem+json", CancellationToken.None);
    }

    private const string TooLarge = "The body is too large for this address; audio may have up to 50 MB, other bodies up to 30 MB, lists any size.";

    private static int StatusOf(Refusal refusal) => refusal switch
    {
        Refusal.Invalid => StatusCodes.Status400BadRequest,
        Refusal.NotFound => StatusCodes.Status404NotFound,
        Refusal.Conflict => StatusCodes.Status409Conflict,
        Refusal.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static int StatusOf(ListFault fault) => fault switch
    {
        ListFault.List => StatusCodes.Status400BadRequest,
        ListFault.Database => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static ProblemDetails WithId(ProblemDetails problem, long id)
    {
        problem.Extensions["id"] = id;
        return problem;
    }

    private static ProblemDetails Unexpected(string traceId)
    {
        var problem = Create(
            StatusCodes.Status500InternalServerError, $"Something went wrong that should not have. The log of the web has it under the trace id {traceId}.");
        problem.Extensions["traceId"] = traceId;
        return problem;
    }
}
