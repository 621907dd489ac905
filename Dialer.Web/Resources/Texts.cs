namespace Dialer.Web.Resources;

/// <summary>Names the texts of the pages: <c>Texts.resx</c> (English) and <c>Texts.ru.resx</c>.</summary>
public sealed class Texts;
