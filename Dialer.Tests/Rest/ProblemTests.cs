using Dialer.Grains.Interfaces;
using Dialer.Storage.Contacts.Lists;
using Dialer.Web.Contacts;
using Dialer.Web.Rest;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Xunit;

namespace Dialer.Tests.Rest;

public sealed class ProblemTests
{
    public static TheoryData<Exception, int> Statuses => new()
    {
        { RefusedException.Invalid("host", "No."), 400 },
        { RefusedException.NotFound("No."), 404 },
        { RefusedException.Conflict("No."), 409 },
        { new RefusedException(Refusal.Unavailable, "No."), 503 },
        { new TimeoutException(), 503 },
        { new Orleans.Runtime.SiloUnavailableException(), 503 },
        { new OperationCanceledException("By a silo, not by the client."), 503 },
        { new NpgsqlException("Exception while connecting", new System.Net.Sockets.SocketException()), 503 },
        { new PostgresException("The database is starting", "FATAL", "FATAL", PostgresErrorCodes.CannotConnectNow), 503 },
        { new PostgresException("Division by zero", "ERROR", "ERROR", PostgresErrorCodes.DivisionByZero), 500 },
        { new BadHttpRequestException("Too large.", 413), 413 },
        { new InvalidOperationException("secret inside"), 500 },
        { new ListRefusedException(1, new ListFailure(ListFault.List, "No list.")), 400 },
        { new ListRefusedException(1, new ListFailure(ListFault.Database, "Not now.")), 503 },
        { new ListRefusedException(1, new ListFailure(ListFault.Program, "A fault.")), 500 },
    };

    [Theory, MemberData(nameof(Statuses))]
    public void Each_failure_has_its_status(Exception failure, int status) =>
        Assert.Equal(status, Problems.Describe(failure, "trace-1").Status);

    [Fact]
    public void A_refused_field_is_named_twice_over()
    {
        var problem = Problems.Describe(RefusedException.Invalid("schedule[0].from", "Too early."), "trace-1");

        Assert.Equal("schedule[0].from", problem.Extensions["field"]);
        var errors = Assert.IsType<Dictionary<string, string[]>>(problem.Extensions["errors"]);
        Assert.Equal(["Too early."], errors["schedule[0].from"]);
    }

    [Fact]
    public void An_unexpected_failure_tells_its_trace_and_nothing_of_the_inside()
    {
        var problem = Problems.Describe(new InvalidOperationException("secret inside"), "trace-1");

        Assert.Equal("trace-1", problem.Extensions["traceId"]);
        Assert.DoesNotContain("secret", problem.Detail, StringComparison.Ordinal);
    }
}
