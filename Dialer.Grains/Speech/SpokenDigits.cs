namespace Dialer.Grains.Speech;

/// <summary>Codes and telephone numbers, spoken sign by sign.</summary>
public static class SpokenDigits
{
    private const string RussianLetters = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя";

    private static readonly string[] RussianNames =
    [
        "а", "бэ", "вэ", "гэ", "дэ", "е", "ё", "жэ", "зэ", "и", "и краткое", "ка", "эль", "эм", "эн", "о", "пэ", "эр",
        "эс", "тэ", "у", "эф", "ха", "цэ", "че", "ша", "ща", "твёрдый знак", "ы", "мягкий знак", "э", "ю", "я",
    ];

    // Latin letters as a Russian voice can say them: a clip is rendered with the voice of its culture.
    private static readonly string[] LatinNamesInRussian =
    [
        "эй", "би", "си", "ди", "и", "эф", "джи", "эйч", "ай", "джей", "кей", "эл", "эм", "эн", "оу", "пи", "кью", "ар",
        "эс", "ти", "ю", "ви", "дабл ю", "икс", "уай", "зет",
    ];

    /// <summary>
    /// One word for each digit and letter, and for <c>+</c>, <c>*</c>, <c>#</c>. Spaces, hyphens, dots, slashes and
    /// brackets only group what people write, and are not spoken.
    /// </summary>
    /// <exception cref="SpeechException">There is nothing to speak, or a sign that has no name in this language.</exception>
    public static IReadOnlyList<string> Words(string text, string culture)
    {
        var russian = SpokenLanguage.IsRussian(culture);
        var words = new List<string>(text.Length);
        foreach (var sign in text)
        {
            if (!char.IsWhiteSpace(sign) && !"-‐‑–—−()[].,/_".Contains(sign, StringComparison.Ordinal))
            {
                words.Add(Name(char.ToLowerInvariant(sign), russian)
                    ?? throw new SpeechException(SpeechFault.Unreadable,
                        $"The sign «{sign}» in a code of {text.Length} signs cannot be spoken; digits, letters, +, * and # can."));
            }
        }

        return words.Count > 0
            ? words
            : throw new SpeechException(SpeechFault.Unreadable, "The code has no digits to speak.");
    }

    private static string? Name(char sign, bool russian)
    {
        if (char.IsAsciiDigit(sign))
        {
            var words = new List<string>(1);
            if (russian)
            {
                RussianNumber.AddTo(words, sign - '0', Gender.Masculine);
            }
            else
            {
                EnglishNumber.AddTo(words, sign - '0');
            }

            return words[0];
        }

        return (sign, russian) switch
        {
            ('+', true) => "плюс",
            ('+', false) => "plus",
            ('*', true) => "звёздочка",
            ('*', false) => "star",
            ('#', true) => "решётка",
            ('#', false) => "hash",
            ( >= 'a' and <= 'z', true) => LatinNamesInRussian[sign - 'a'],
            ( >= 'a' and <= 'z', false) => char.ToUpperInvariant(sign).ToString(),
            (_, true) when RussianLetters.IndexOf(sign, StringComparison.Ordinal) is >= 0 and var at => RussianNames[at],
            _ => null,
        };
    }
}
