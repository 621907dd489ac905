using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dialer.Grains.Interfaces;
using Microsoft.AspNetCore.Http.Metadata;

namespace Dialer.Web.Rest;

/// <summary>
/// A JSON body of the contract. Reading it here instead of leaving it to the framework makes every error name its field.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1000:Do not declare static members on generic types", Justification = "The framework finds both by their names; nobody calls them.")]
public sealed class Body<T>(T value) : IEndpointParameterMetadataProvider where T : class
{
    public T Value { get; } = value;

    public static async ValueTask<Body<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                "The body is expected as JSON: send it with 'Content-Type: application/json'.", StatusCodes.Status415UnsupportedMediaType);
        }

        return new Body<T>(await JsonBody.ReadAsync<T>(context));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
}

internal static class JsonBody
{
    /// <exception cref="RefusedException">It is not what the contract says; the field is named.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context) where T : class
    {
        var pathId = context.Request.RouteValues.GetValueOrDefault(Identity.RouteValueOf(typeof(T))) as string;
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content, context.RequestAborted);
        return Parse<T>(content.ToArray(), Identity.FieldOf(typeof(T)), pathId);
    }

    /// <summary>Reads a body that may repeat the id it is put under.</summary>
    internal static T Parse<T>(byte[] content, string identity, string? pathId) where T : class
    {
        try
        {
            var body = JsonNode.Parse(content, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            RefuseNullElements(body);
            if (pathId is not null && body is JsonObject fields && fields.TryGetPropertyValue(identity, out var given))
            {
                if (given is not JsonValue value || !value.TryGetValue<string>(out var text) || text != pathId)
                    throw RefusedException.Invalid(identity, $"'{identity}' does not match the address, which says '{pathId}'. Leave it out.");
                fields.Remove(identity);
            }

            return body.Deserialize<T>(RestJson.Options) ?? throw RefusedException.Invalid("", "The body is empty; a JSON object is expected.");
        }
        catch (JsonException error)
        {
            throw JsonMistake.Explain(error, typeof(T));
        }
        catch (NotSupportedException)
        {
            // The only polymorphic body is an extension.
            throw RefusedException.Invalid("kind", JsonMistake.KindExpected);
        }
    }

    // Nullable annotations of elements are not seen by the serialiser, and no list or map of the contract holds a null.
    private static void RefuseNullElements(JsonNode? node, string path = "")
    {
        switch (node)
        {
            case JsonArray array:
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is null)
                        throw RefusedException.Invalid($"{path}[{i}]", "A value is expected here, not null.");
                    RefuseNullElements(array[i], $"{path}[{i}]");
                }

                break;
            case JsonObject fields:
                foreach (var (name, value) in fields)
                    RefuseNullElements(value, path.Length == 0 ? name : $"{path}.{name}");
                break;
        }
    }
}
