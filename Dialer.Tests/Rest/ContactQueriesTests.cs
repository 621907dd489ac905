using Dialer.Grains.Interfaces.Calls;
using Dialer.Grains.Interfaces.Contacts;
using Dialer.Storage.Contacts;
using Dialer.Storage.Paging;
using Dialer.Tests.Infrastructure;
using Xunit;

namespace Dialer.Tests.Rest;

public sealed class ContactQueriesTests(PrivatePostgres postgres) : ReadSideFixture(postgres)
{
    private ContactQueries Contacts => new(Database);

    [Fact]
    public async Task A_contact_is_shown_with_what_its_list_said()
    {
        var id = await Contact("Igor Lipko", variables: """{"BALANCE":"-68.27"}""", due: Noon, verdict: (short)Verdict.Busy);

        var contact = await Contacts.FindAsync(Campaign, id, TestContext.Current.CancellationToken);

        Assert.NotNull(contact);
        Assert.Equal(("Igor Lipko", "+79161234567", "-68.27"), (contact.Name, contact.Numbers[0], contact.Variables["BALANCE"]));
        Assert.Equal((ContactState.Waiting, Noon, Verdict.Busy), (contact.State, contact.NextDueAt, contact.LastVerdict));
    }

    [Fact]
    public async Task A_claimed_contact_is_calling_only_while_an_attempt_is_open()
    {
        await Contact("claimed", state: 1);
        await Attempt(await Contact("calling", state: 1), Noon);
        await Attempt(await Contact("between", state: 1), Noon, ended: Noon);

        Assert.Equal(["calling"], await Names(new ContactFilter([ContactState.Calling])));
        Assert.Equal(["claimed", "between"], await Names(new ContactFilter([ContactState.Waiting])));
    }

    [Fact]
    public async Task Contacts_of_other_campaigns_stay_hidden()
    {
        var foreign = await Contact("foreign", campaign: Other);
        await Contact("withdrawn", state: 4);

        Assert.Equal(["withdrawn"], await Names(new ContactFilter()));
        Assert.Null(await Contacts.FindAsync(Campaign, foreign, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        await Contact("busy", number: "+79508881234", due: Noon, verdict: (short)Verdict.Busy);
        await Contact("another number", number: "+79161234567", due: Noon, verdict: (short)Verdict.Busy);
        await Contact("later", number: "+79508881235", due: Noon.AddHours(1), verdict: (short)Verdict.Busy);
        await Contact("no answer", number: "+79508881236", due: Noon, verdict: (short)Verdict.NoAnswer);

        Assert.Equal(["busy"], await Names(new ContactFilter([ContactState.Waiting], [Verdict.Busy], "950888", Noon, Noon.AddMinutes(1))));
    }

    [Theory]
    [InlineData("id", "c b a e d")]
    [InlineData("-id", "d e a b c")]
    [InlineData("name", "a b c d e")]
    [InlineData("-name", "e d c b a")]
    [InlineData("nextDueAt", "b c a e d")]
    [InlineData("-nextDueAt", "d e a c b")]
    [InlineData("attempts", "c b a e d")]
    public async Task Pages_follow_each_other_without_gap_or_repetition(string sort, string order)
    {
        // Equal and missing keys are where a page could begin in the wrong place.
        await Contact("c", due: Noon.AddMinutes(1));
        await Contact("b", due: Noon);
        await Contact("a", due: Noon.AddMinutes(1));
        await Contact("e");
        await Contact("d");

        var names = new List<string>();
        Cursor? after = null;
        do
        {
            var page = await Contacts.PageAsync(
                Campaign, new ContactFilter(), new PageRequest(sort, 2, after), TestContext.Current.CancellationToken);
            Assert.InRange(page.Items.Count, 1, 2);
            names.AddRange(page.Items.Select(contact => contact.Name));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(order, string.Join(' ', names));
    }

    [Fact]
    public async Task A_cursor_of_another_order_is_refused()
    {
        var error = await Assert.ThrowsAsync<InvalidSortException>(() => Contacts.PageAsync(
            Campaign, new ContactFilter(), new PageRequest("name", 2, new Cursor("id", "1", "1")), TestContext.Current.CancellationToken));

        Assert.Equal("cursor", error.Parameter);
    }

    [Fact]
    public async Task An_unknown_order_is_refused_with_those_there_are()
    {
        var error = await Assert.ThrowsAsync<InvalidSortException>(() => Contacts.PageAsync(
            Campaign, new ContactFilter(), new PageRequest("person; drop table contact"), TestContext.Current.CancellationToken));

        Assert.Equal("sort", error.Parameter);
        Assert.Contains("nextDueAt", error.Message, StringComparison.Ordinal);
    }

    private async Task<List<string>> Names(ContactFilter filter)
    {
        var page = await Contacts.PageAsync(Campaign, filter, new PageRequest(), TestContext.Current.CancellationToken);
        var all = await Contacts.AllAsync(Campaign, filter, TestContext.Current.CancellationToken).Select(contact => contact.Name)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(all, page.Items.Select(contact => contact.Name));
        return all;
    }
}
