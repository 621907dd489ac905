using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Dialer.Web.Rest;

/// <summary>The description of the API at <c>/openapi/v1.json</c>.</summary>
internal static class OpenApi
{
    private const string Scheme = "key";

    private static readonly Dictionary<string, string> Errors = new(StringComparer.Ordinal)
    {
        ["400"] = "A field or parameter is not acceptable; `field` names it.",
        ["401"] = "The key is missing or wrong.",
        ["404"] = "There is no such thing.",
        ["409"] = "Something else uses it, or its present state does not allow it.",
        ["503"] = "A part that is needed cannot be reached now; try again after `Retry-After` seconds.",
    };

    public static void AddDialerOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Dialer",
                Version = "v1",
                Description = "Outbound voice dialer. JSON in camelCase; durations \"00:00:10\", local times \"09:00\", dates \"2030-12-31\", instants ISO 8601 with offset. Unknown fields are refused; errors are problem details (RFC 9457) that name the field.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The setting Dialer:ApiKey of the web.",
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeErrors);
        options.AddSchemaTransformer(DescribeSchema);
    });

    /// <summary>
    /// The schema exporter of .NET 10 fails at a constructor's parameter like <c>TimeSpan x = default</c>, whose default reflection calls
    /// null. A property that is not tied to the parameter (its type differs) goes around it. Only written with, never read with.
    /// </summary>
    public static void AvoidStructDefaults(JsonSerializerOptions options) =>
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(info =>
        {
            if (info.Kind != JsonTypeInfoKind.Object)
                return;
            var names = info.Type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
                .Where(parameter => parameter is { HasDefaultValue: true, DefaultValue: null, ParameterType.IsValueType: true }
                    && Nullable.GetUnderlyingType(parameter.ParameterType) is null)
                .Select(parameter => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!)).ToHashSet(StringComparer.Ordinal);
            for (var i = 0; i < info.Properties.Count; i++)
            {
                var tied = info.Properties[i];
                if (!names.Contains(tied.Name))
                    continue;
                var free = info.CreateJsonPropertyInfo(typeof(Nullable<>).MakeGenericType(tied.PropertyType), tied.Name);
                free.Get = tied.Get;
                info.Properties[i] = free;
            }
        });

    private static async Task DescribeErrors(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), null, cancellationToken);
        problem.Properties ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        problem.Properties["field"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Description = "The JSON name of the field at fault." };
        problem.Properties["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object | JsonSchemaType.Null,
            AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
        };
        operation.Responses ??= [];
        foreach (var (status, description) in Errors)
        {
            operation.Responses.TryAdd(status, new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = new OpenApiMediaType { Schema = problem } },
            });
        }

        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>().Where(parameter => parameter.Name == "limit") ?? [])
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "1000", Default = 100 };
    }

    private static async Task DescribeSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        // «No other fields» would contradict the id that a whole object adds to its body.
        schema.AdditionalPropertiesAllowed = true;
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(TimeOnly))
        {
            (schema.Type, schema.Pattern, schema.Examples) = (JsonSchemaType.String, @"^\d\d:\d\d(:\d\d)?$", ["09:00"]);
        }
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Whole<>))
        {
            // A converter writes it, which tells the generator nothing: the body's schema and the id.
            var body = type.GetGenericArguments()[0];
            var identity = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string>(StringComparer.Ordinal) { Identity.FieldOf(body) },
                Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                {
                    [Identity.FieldOf(body)] = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            };
            schema.AllOf = [await context.GetOrCreateSchemaAsync(body, null, cancellationToken), identity];
        }
    }
}
