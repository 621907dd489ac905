using System.Runtime.InteropServices;

namespace Dialer.Grains.Contacts;

/// <summary>How far the attempts to reach a contact have come. What the retry rule needs, and all it changes.</summary>
/// <param name="NumberCount">How many numbers the contact has, 0 to 32.</param>
/// <param name="Struck">A bit for each number that does not exist: bit 0 for the first.</param>
/// <param name="NextNumber">The index of the number that is next in turn.</param>
/// <param name="RetriesUsed">Further attempts that were used up.</param>
/// <param name="Setbacks">Attempts in a row that failed through us or the carrier; the waiting time grows with them.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ContactProgress(int NumberCount, int Struck, int NextNumber, int RetriesUsed, int Setbacks);

/// <summary>Which of a contact's numbers is called next: in turn, leaving out those that do not exist.</summary>
public static class NumberRotation
{
    /// <summary>As many numbers as <see cref="ContactProgress.Struck"/> has bits.</summary>
    public const int MaximumNumbers = 32;

    /// <summary>The first number from <see cref="ContactProgress.NextNumber"/> on that is not struck out, wrapping round; null where none is left.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="MaximumNumbers"/> numbers, or a negative count or index.</exception>
    public static int? Pick(ContactProgress progress)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(progress.NumberCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(progress.NumberCount, MaximumNumbers);
        ArgumentOutOfRangeException.ThrowIfNegative(progress.NextNumber);
        for (var step = 0; step < progress.NumberCount; step++)
        {
            var index = (int)(((long)progress.NextNumber + step) % progress.NumberCount);
            if ((progress.Struck & (1 << index)) == 0)
            {
                return index;
            }
        }

        return null;
    }
}
