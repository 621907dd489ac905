namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Who was met already, and on which line. Twenty bytes a person at the fullest, growing in small parts:
/// a dictionary would take three times that, and twice that again while it grows.
/// </summary>
public sealed class PersonSet
{
    private const int Shards = 64;

    private readonly Shard[] shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard())];

    /// <summary>Adds a person.</summary>
    /// <param name="person">A hash, so its bits are evenly spread.</param>
    /// <param name="line">The line, from 1; 0 for one from an earlier list.</param>
    /// <param name="earlier">The line at which the person was met before.</param>
    /// <returns>False if the person was there already.</returns>
    public bool TryAdd(UInt128 person, long line, out long earlier) => shards[(int)(person >> 122)].TryAdd(person, line, out earlier);

    private sealed class Shard
    {
        private UInt128[] people = new UInt128[64];

        // The line + 1, so that 0 is a free place.
        private uint[] lines = new uint[64];
        private int count;

        public bool TryAdd(UInt128 person, long line, out long earlier)
        {
            var at = Find(person);
            if (lines[at] != 0)
            {
                earlier = lines[at] - 1;
                return false;
            }

            earlier = 0;
            if (++count > lines.Length / 4 * 3)
            {
                Grow();
                at = Find(person);
            }

            people[at] = person;
            lines[at] = (uint)line + 1;
            return true;
        }

        private int Find(UInt128 person)
        {
            var mask = lines.Length - 1;
            var at = (int)(uint)person & mask;
            while (lines[at] != 0 && people[at] != person)
            {
                at = (at + 1) & mask;
            }

            return at;
        }

        private void Grow()
        {
            var (oldPeople, oldLines) = (people, lines);
            people = new UInt128[oldPeople.Length * 2];
            lines = new uint[oldLines.Length * 2];
            for (var i = 0; i < oldLines.Length; i++)
            {
                if (oldLines[i] != 0)
                {
                    var at = Find(oldPeople[i]);
                    (people[at], lines[at]) = (oldPeople[i], oldLines[i]);
                }
            }
        }
    }
}
