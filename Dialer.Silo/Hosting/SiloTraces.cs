using System.Diagnostics;
using System.Globalization;
using Dialer.Ari;
using Dialer.Hosting;
using Dialer.Storage.Calls;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Dialer.Silo.Hosting;

/// <summary>Traces of attempts, sent by OTLP where the usual variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says whereto; otherwise none are made.</summary>
internal static class SiloTraces
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <exception cref="SettingException">The share that is to be traced is none.</exception>
    public static void AddDialerTraces(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[Endpoint]))
        {
            if (DialerLogs.AreJson(builder.Configuration))
                builder.Services.AddSingleton(_ => AttemptTraces.KeepForLogs()).AddHostedService<LogTraces>();
            return;
        }

        var share = SettingException.Read(
            builder.Configuration.GetSection(SiloSettings.Section), "Traces:Share", 1.0,
            (string written, out double part) => double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out part) && part is >= 0 and <= 1, "a share from 0 to 1");
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? "dialer-silo"))
            .WithTracing(tracing => tracing
                .SetSampler(new AttemptSampler(share))
                .AddSource(AttemptTraces.SourceName, AriTelemetry.Name, "Microsoft.Orleans.Application", "Npgsql")
                .AddProcessor(new MaskedErrors())
                .AddOtlpExporter());
        // Only with it does a call between grains carry its trace; both filters cost something with every call.
        builder.Host.UseOrleans(silo => silo.AddActivityPropagation());
    }

    /// <summary>Begins and ends with the host.</summary>
    private sealed class LogTraces(IDisposable listener) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            listener.Dispose();
            return Task.CompletedTask;
        }
    }

    /// <summary>What Orleans says of a call that failed may quote its arguments, a telephone number among them.</summary>
    private sealed class MaskedErrors : BaseProcessor<Activity>
    {
        private static readonly string[] Texts = ["exception.message", "exception.stacktrace"];

        public override void OnEnd(Activity data)
        {
            foreach (var tag in Texts)
                if (data.GetTagItem(tag) is string text)
                    data.SetTag(tag, NumberMask.Apply(text));
        }
    }
}
