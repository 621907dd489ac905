using Dialer.Ari;
using Dialer.Grains.Interfaces;

namespace Dialer.Grains.Nodes;

/// <summary>
/// Trunks and phones as PJSIP objects. An Asterisk node has no configuration of any customer: it is told all of this at each connect
/// (objects in Asterisk's memory are gone after its restart). Seen on Asterisk 22.
/// </summary>
internal static class PjsipObjects
{
    public const string Class = "res_pjsip";

    /// <summary>Type, id and fields of one object, in the order in which they must exist.</summary>
    public sealed record PjsipObject(string Type, string Id, IReadOnlyCollection<ConfigField> Fields);

    /// <summary>The endpoint of a trunk. Ids have no '.', so no two trunks share a name.</summary>
    public static string TrunkName(string key)
    {
        var (tenant, id) = Keys.Split(key);
        return $"t.{tenant}.{id}";
    }

    /// <summary>The key of the trunk that an endpoint belongs to; null where it is none's (phones have no three parts).</summary>
    public static string? TrunkKey(string name) => name.Split('.') is ["t", var tenant, var id] ? Keys.Of(tenant, id) : null;

    /// <summary>What a channel to a number through a trunk is called in Asterisk. The number was checked: digits, '*' and '#' alone.</summary>
    public static string DialTrunk(string key, string number) => $"PJSIP/{number.TrimStart('+')}@{TrunkName(key)}";

    public static string DialPhone(string sipUser) => $"PJSIP/{sipUser}";

    public static IEnumerable<PjsipObject> Of(TrunkSpec trunk)
    {
        var name = TrunkName(trunk.Key);
        var settings = trunk.Settings;
        var host = settings.Host.Contains(':', StringComparison.Ordinal) ? $"[{settings.Host}]" : settings.Host;
        var uri = $"sip:{host}:{settings.Port}";
        var hasLogin = settings is { Username: not null, Password: not null };
        if (hasLogin)
            yield return new("auth", name, Fields(("auth_type", "userpass"), ("username", settings.Username!), ("password", settings.Password!)));
        yield return new("aor", name, Fields(("contact", uri), ("qualify_frequency", "30"), ("qualify_timeout", "5.0")));
        var codecs = string.Join(',', settings.Codecs ?? ["alaw", "ulaw"]);
        var endpoint = Fields(
            ("transport", "udp"), ("context", TrunkContext), ("allow", $"!all,{codecs}"), ("aors", name), ("direct_media", "no"),
            ("rtp_symmetric", "yes"), ("force_rport", "yes"), ("dtmf_mode", "rfc4733"), ("timers", "no"), ("send_pai", "yes"),
            ("trust_id_outbound", "yes"), ("use_ptime", "yes"));
        if (hasLogin)
            endpoint.AddRange(Fields(("outbound_auth", name), ("from_user", settings.Username!)));
        yield return new("endpoint", name, endpoint);
        if (hasLogin && settings.Register)
            yield return new(Registration, name, Fields(
                ("transport", "udp"), ("outbound_auth", name), ("server_uri", uri), ("client_uri", $"sip:{settings.Username}@{host}:{settings.Port}"),
                ("retry_interval", "30"), ("max_random_initial_delay", "0"), ("expiration", "300")));
    }

    public static IEnumerable<PjsipObject> Of(PhoneSpec phone)
    {
        var user = phone.SipUser;
        yield return new("auth", user, Fields(("auth_type", "userpass"), ("username", user), ("password", phone.Password)));
        yield return new("aor", user, Fields(("max_contacts", "1"), ("remove_existing", "yes"), ("qualify_frequency", "30")));
        yield return new("endpoint", user, Fields(
            ("transport", "udp"), ("context", "internal"), ("allow", "!all,alaw,ulaw"), ("aors", user), ("auth", user), ("direct_media", "no"),
            ("rtp_symmetric", "yes"), ("force_rport", "yes"), ("rewrite_contact", "yes"), ("dtmf_mode", "rfc4733"), ("timers", "no"),
            ("identify_by", "username,auth_username")));
    }

    /// <summary>Where calls that come in from a trunk begin (asterisk/pbx/extensions.conf).</summary>
    public const string TrunkContext = "from-trunk";

    /// <summary>The type that is taken away first, because its good-bye to the provider needs the others.</summary>
    public const string Registration = "registration";

    /// <summary>The other types to take away, the last made first.</summary>
    public static readonly IReadOnlyList<string> Removal = ["endpoint", "aor", "auth"];

    private static List<ConfigField> Fields(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var list = new List<ConfigField>(fields.Length);
        foreach (var (name, value) in fields)
            list.Add(new ConfigField(name, value));
        return list;
    }
}
