using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Tenants;

namespace Dialer.Web.Rest;

/// <summary>
/// An object as it is given back: the fields of its body and its <c>id</c> (an extension: its <c>number</c>), so that what was read can
/// be changed and put again.
/// </summary>
public sealed record Whole<T>(string Id, T Value) where T : class;

/// <summary>Names of the field that <see cref="Whole{T}"/> adds.</summary>
internal static class Identity
{
    public static string FieldOf(Type type) => typeof(Extension).IsAssignableFrom(type) ? "number" : "id";

    /// <summary>What the route calls it.</summary>
    public static string RouteValueOf(Type type) =>
        type == typeof(TenantSettings) ? "tenant" : type == typeof(CampaignSettings) ? "campaign" : FieldOf(type);
}

internal sealed class WholeConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Whole<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(WholeConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class WholeConverter<T> : JsonConverter<Whole<T>> where T : class
    {
        private static readonly string Field = Identity.FieldOf(typeof(T));

        public override Whole<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var fields = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("An object is expected.");
            var id = fields[Field]?.GetValue<string>() ?? throw new JsonException($"'{Field}' is missing.");
            fields.Remove(Field);
            return new Whole<T>(id, fields.Deserialize<T>(options)!);
        }

        public override void Write(Utf8JsonWriter writer, Whole<T> value, JsonSerializerOptions options)
        {
            var fields = JsonSerializer.SerializeToNode(value.Value, options)!.AsObject();
            // Some readers want the discriminator «kind» to come first.
            fields.Insert(fields.ContainsKey("kind") ? 1 : 0, Field, value.Id);
            fields.WriteTo(writer, options);
        }
    }
}
