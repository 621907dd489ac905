using Dialer.Grains.Interfaces;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dialer.Web.Rest;

/// <summary>The answers that all resources have in common.</summary>
internal static class Answers
{
    /// <summary>201 with its address for what is new, 200 for what was there.</summary>
    public static Results<Ok<T>, Created<T>> Put<T>(HttpContext context, bool existed, T whole) =>
        existed ? TypedResults.Ok(whole) : TypedResults.Created(context.Request.Path.ToUriComponent(), whole);

    /// <exception cref="RefusedException">There is none.</exception>
    public static T Found<T>(T? thing, string what, string id) where T : class =>
        thing ?? throw RefusedException.NotFound($"There is no {what} '{id}'.");
}
