using Newtonsoft.Json;

namespace Dialer.Silo.Hosting;

/// <summary>
/// Stores what <c>[a, b]</c> makes as a plain list. For a read-only list the compiler makes a type of its own, whose name JSON would
/// keep, and which nobody is allowed to make again: state with such a list could be written and never be read.
/// </summary>
public sealed class PlainListConverter : JsonConverter
{
    private const string MadeByCompiler = "<>z__ReadOnly";

    public override bool CanRead => false;

    public override bool CanConvert(Type objectType) => objectType.Name.StartsWith(MadeByCompiler, StringComparison.Ordinal);

    public override object? ReadJson(JsonReader reader, Type objectType, object? existingValue, JsonSerializer serializer) => throw new NotSupportedException();

    public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer) =>
        serializer.Serialize(writer, Activator.CreateInstance(typeof(List<>).MakeGenericType(value!.GetType().GenericTypeArguments), value));
}
