using Dialer.Grains.Interfaces;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Dialer.Web.Contacts;

/// <summary>The file in an upload, read as it comes in: it is neither held in memory nor written to a disk.</summary>
/// <param name="Name">What its sender calls it, without a path; null where that is not told.</param>
/// <param name="Content">Its bytes, to be read once.</param>
internal sealed record UploadedFile(string? Name, Stream Content)
{
    private const string Part = "file";
    private const int MaxName = 200;

    /// <exception cref="RefusedException">There is no file in it.</exception>
    /// <exception cref="BadHttpRequestException">The media type is not one that a list comes in (415).</exception>
    public static async Task<UploadedFile> OpenAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            if (request.ContentType is null && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
                throw RefusedException.Invalid(Part, "There is no file: send the CSV as the body of the request, or multipart with the part 'file'.");
            return new UploadedFile(null, request.Body);
        }

        if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return await FromMultipart(request, type, cancellationToken);
        if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            throw new BadHttpRequestException(
                $"A list is expected as text/csv, or multipart/form-data with the part '{Part}'; the header Content-Type says '{type.MediaType}'.",
                StatusCodes.Status415UnsupportedMediaType);
        }

        return new UploadedFile(null, request.Body);
    }

    private static async Task<UploadedFile> FromMultipart(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
            throw RefusedException.Invalid(Part, "The header Content-Type of the multipart body has no boundary.");
        var reader = new MultipartReader(boundary, request.Body);
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.AsFileSection() is { FileStream: not null } file && file.Name == Part)
                    return new UploadedFile(PlainName(file.FileName), file.FileStream);
            }
        }
        catch (InvalidDataException error)
        {
            throw RefusedException.Invalid(Part, $"The multipart body is not well-formed: {error.Message}");
        }
        catch (IOException) when (!cancellationToken.IsCancellationRequested)
        {
            throw RefusedException.Invalid(Part, "The multipart body ends before its last part does.");
        }

        throw RefusedException.Invalid(Part, $"The multipart body has no file in a part named '{Part}'.");
    }

    private static string? PlainName(string name)
    {
        var plain = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        return plain.Length == 0 ? null : plain[..Math.Min(plain.Length, MaxName)];
    }
}
