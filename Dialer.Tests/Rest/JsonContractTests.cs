using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dialer.Grains.Interfaces;
using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Campaigns;
using Dialer.Grains.Interfaces.DialPlans;
using Dialer.Grains.Interfaces.Operators;
using Dialer.Grains.Interfaces.Tenants;
using Dialer.Grains.Interfaces.Trunks;
using Dialer.Web.Rest;
using Xunit;

namespace Dialer.Tests.Rest;

/// <summary>The bodies of the REST contract, letter by letter: clients outside are written against them.</summary>
public sealed class JsonContractTests
{
    private const string Campaign = """{"name":"Долги","entry":"999","enabled":true,"trunks":[{"trunk":"main","lines":3}],"schedule":[{"days":["mon","tue","wed","thu","fri"],"from":"09:00","to":"20:00"}],"startDate":"2026-01-01","endDate":"2030-12-31","minimumDuration":"00:00:10","retries":3,"retryInterval":"00:30:00","ringTimeout":"00:00:45","callerId":null,"priority":0}""";
    private const string Trunk = """{"host":"127.0.0.1","port":5070,"lines":5,"callsPerSecond":10,"username":null,"password":null,"register":false,"callerId":"74950000000","codecs":["alaw","ulaw"]}""";

    public static TheoryData<Type, string> Bodies => new()
    {
        { typeof(TenantSettings), """{"name":"ТСЖ","culture":"ru-RU","timeZone":"Europe/Moscow"}""" },
        { typeof(TrunkSettings), Trunk },
        { typeof(OperatorSettings), """{"name":"Бухгалтерия","password":"example-password"}""" },
        { typeof(Extension), """{"kind":"autoInformer","audio":"greeting","goTo":"999*1"}""" },
        { typeof(Extension), """{"kind":"playback","audio":"pay","waitForInput":true,"inputTimeout":"00:00:05","goTo":null}""" },
        { typeof(Extension), """{"kind":"queue","members":[{"operator":"office","number":null,"trunk":null},{"operator":null,"number":"79161234567","trunk":"main"}],"strategy":"ringAll","ringTimeout":"00:00:25","maxWait":"00:02:00","goTo":null}""" },
        { typeof(CampaignSettings), Campaign },
    };

    [Theory, MemberData(nameof(Bodies))]
    public void A_body_of_the_contract_comes_back_as_it_was_sent(Type type, string body)
    {
        var read = type == typeof(Extension) ? Read<Extension>(body)
            : JsonSerializer.Deserialize(body, type, RestJson.Options);

        var written = JsonSerializer.Serialize(read, type, RestJson.Options);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), JsonNode.Parse(written)), written);
    }

    [Fact]
    public void A_queue_may_leave_out_what_a_member_is_not()
    {
        var queue = (OperatorQueue)Read<Extension>(
            """{"kind":"queue","members":[{"operator":"office"},{"number":"79161234567","trunk":"main"}],"strategy":"roundRobin"}""");

        Assert.Equal([new QueueMember("office"), new QueueMember(null, "79161234567", "main")], queue.Members);
        Assert.Equal(RingStrategy.RoundRobin, queue.Strategy);
        Assert.Equal(TimeSpan.FromSeconds(25), queue.RingTimeout);
    }

    [Fact]
    public void The_kind_of_an_extension_may_stand_anywhere() =>
        Assert.Equal(
            new SayText { Text = "[% VAR:BALANCE %] rub", Type = SayType.Money, GoTo = "999*2" },
            Read<Extension>("""{"text":"[% VAR:BALANCE %] rub","type":"money","goTo":"999*2","kind":"sayText"}"""));

    [Fact]
    public void A_whole_object_is_its_body_and_its_id()
    {
        var campaign = Write(new Whole<CampaignSettings>("debts", Read<CampaignSettings>(Campaign)));
        var extension = Write(new Whole<Extension>("999*1", new AutoInformer { Audio = "greeting" }));

        var expected = JsonNode.Parse(Campaign)!.AsObject();
        expected["id"] = "debts";
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(campaign)), campaign);
        Assert.Equal("""{"kind":"autoInformer","number":"999*1","audio":"greeting","goTo":null}""", extension);
    }

    [Fact]
    public void Answers_are_written_like_bodies_are_read()
    {
        var answers = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        RestJson.Configure(answers);
        OpenApi.AvoidStructDefaults(answers);
        var campaign = new Whole<CampaignSettings>("debts", Read<CampaignSettings>(Campaign));

        var written = JsonSerializer.Serialize(campaign, answers);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Write(campaign)), JsonNode.Parse(written)), written);
        Assert.Contains("\"minimumDuration\":\"00:00:10\"", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Retry_intervals_are_named_by_verdict()
    {
        var campaign = Read<CampaignSettings>(Campaign[..^1] + ""","retryIntervals":{"noAnswer":"01:00:00"}}""");

        Assert.Equal(TimeSpan.FromHours(1), campaign.RetryIntervals![Verdict.NoAnswer]);
        Assert.Contains("\"retryIntervals\":{\"noAnswer\":\"01:00:00\"}", Write(campaign), StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_have_the_names_of_the_contract()
    {
        var stats = new CampaignStats(
            new ContactCounts(6, 1, 2, 1, 1, 1), new AttemptCounts(4, 2, new Dictionary<Verdict, long> { [Verdict.TooShort] = 1 }),
            new TalkTime(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(45)), new OperatorCounts(2, 1), new LineCounts(2, 3));

        Assert.Equal(
            """{"contacts":{"total":6,"waiting":1,"calling":2,"done":1,"failed":1,"withdrawn":1},"attempts":{"total":4,"answered":2,"byVerdict":{"tooShort":1}},"talk":{"total":"00:01:30","average":"00:00:45"},"operator":{"requested":2,"connected":1},"lines":{"inUse":2,"share":3}}""",
            Write(stats));
    }

    [Theory]
    [InlineData("""{"host":"example.org","colour":"red"}""", "colour", "Known are: host, port")]
    [InlineData("""{"port":5060}""", "host", "Missing: host")]
    [InlineData("""{"host":null}""", "host", "must not be null")]
    [InlineData("""{"host":7}""", "host", "a text")]
    [InlineData("""{"host":"example.org","port":"5060"}""", "port", "a whole number")]
    [InlineData("""{"host":"example.org","register":"yes"}""", "register", "true or false")]
    [InlineData("""{"host":"example.org","codecs":[null]}""", "codecs[0]", "not null")]
    [InlineData("""{"host":"example.org","codecs":"alaw"}""", "codecs", "an array")]
    [InlineData("""{"host":"a","host":"b"}""", "host", "twice")]
    [InlineData("""{"id":"other","host":"example.org"}""", "id", "does not match the address")]
    public void A_mistake_in_a_trunk_names_its_field(string body, string field, string words) => AssertRefused<TrunkSettings>(body, field, words);

    [Theory]
    [InlineData("\"from\":\"09:00\"", "\"from\":\"9 o'clock\"", "schedule[0].from", "a local time like")]
    [InlineData("\"mon\"", "\"monday\"", "schedule[0].days[0]", "one of sun, mon")]
    [InlineData("\"minimumDuration\":\"00:00:10\"", "\"minimumDuration\":10", "minimumDuration", "a duration like")]
    [InlineData("\"retryInterval\":\"00:30:00\"", "\"retryInterval\":\"soon\"", "retryInterval", "a duration like")]
    [InlineData("\"2030-12-31\"", "\"31.12.2030\"", "endDate", "a date like")]
    [InlineData("\"lines\":3", "\"lines\":3.5", "trunks[0].lines", "a whole number")]
    [InlineData("\"lines\":3", "\"limes\":3", "trunks[0].limes", "Known are: trunk, lines")]
    public void A_mistake_in_a_campaign_names_its_field(string right, string wrong, string field, string words)
    {
        Assert.Contains(right, Campaign, StringComparison.Ordinal);
        AssertRefused<CampaignSettings>(Campaign.Replace(right, wrong, StringComparison.Ordinal), field, words);
    }

    [Theory]
    [InlineData("""{"audio":"greeting"}""", "kind", "autoInformer, sayText, playback, queue")]
    [InlineData("""{"kind":"menu","audio":"greeting"}""", "kind", "autoInformer, sayText, playback, queue")]
    [InlineData("""{"kind":"sayText","text":"a","type":"roubles"}""", "type", "text, money, number, digits, date, time")]
    [InlineData("""{"kind":"playback"}""", "audio", "Missing: audio")]
    public void A_mistake_in_an_extension_names_its_field(string body, string field, string words) => AssertRefused<Extension>(body, field, words);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"name\":}")]
    public void What_is_no_object_is_refused(string body) =>
        Assert.Equal(Refusal.Invalid, Assert.Throws<RefusedException>(() => Read<TenantSettings>(body)).Refusal);

    [Fact]
    public void What_was_read_can_be_put_again()
    {
        var whole = Write(new Whole<TrunkSettings>("main", Read<TrunkSettings>(Trunk)));

        var again = JsonBody.Parse<TrunkSettings>(Encoding.UTF8.GetBytes(whole), "id", "main");

        Assert.Equal("127.0.0.1", again.Host);
    }

    private static void AssertRefused<T>(string body, string field, string words) where T : class
    {
        var refused = Assert.Throws<RefusedException>(() => Read<T>(body));
        Assert.Equal((Refusal.Invalid, field), (refused.Refusal, refused.Field));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", refused.Message, StringComparison.Ordinal);
    }

    private static T Read<T>(string body) where T : class =>
        JsonBody.Parse<T>(Encoding.UTF8.GetBytes(body), typeof(T) == typeof(Extension) ? "number" : "id", "main");

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, RestJson.Options);
}
