namespace Dialer.Storage.Contacts.Lists;

/// <summary>
/// Who was met already, and on which line. Fifteen to nineteen bytes a person (a dictionary takes three times that, and twice that
/// again while it grows), in thousands of small parts that grow one by one.
/// </summary>
/// <remarks>
/// 76 of the 128 bits of a person are kept. That two of five million different people are taken for one another has a chance of
/// one to six thousand million.
/// </remarks>
public sealed class PersonSet
{
    private const int ShardBits = 12;

    private readonly Shard?[] shards = new Shard?[1 << ShardBits];

    /// <summary>Adds a person.</summary>
    /// <param name="person">A hash, so its bits are evenly spread.</param>
    /// <param name="line">The line, from 1; 0 for one from an earlier list.</param>
    /// <param name="earlier">The line at which the person was met before.</param>
    /// <returns>False if the person was there already.</returns>
    public bool TryAdd(UInt128 person, long line, out long earlier) =>
        (shards[(int)(person >> (128 - ShardBits))] ??= new Shard()).TryAdd((ulong)person, line, out earlier);

    private sealed class Shard
    {
        // Three numbers a place: the halves of the person, and the line + 1, so that 0 is a free place.
        private const int Width = 3;

        private uint[] places = new uint[8 * Width];
        private int count;

        public bool TryAdd(ulong person, long line, out long earlier)
        {
            var at = Find(person);
            if (places[at + 2] != 0)
            {
                earlier = places[at + 2] - 1;
                return false;
            }

            earlier = 0;
            if (++count * Width > places.Length / 5 * 4)
            {
                Grow();
                at = Find(person);
            }

            Put(at, person, (uint)line + 1);
            return true;
        }

        private int Find(ulong person)
        {
            var (high, low) = ((uint)(person >> 32), (uint)person);
            // The high half as a fraction of the length: any length will do, not only a power of two.
            var at = (int)(((ulong)high * (uint)(places.Length / Width)) >> 32) * Width;
            while (places[at + 2] != 0 && (places[at] != high || places[at + 1] != low))
            {
                at += Width;
                at = at == places.Length ? 0 : at;
            }

            return at;
        }

        private void Put(int at, ulong person, uint line) =>
            (places[at], places[at + 1], places[at + 2]) = ((uint)(person >> 32), (uint)person, line);

        private void Grow()
        {
            var old = places;
            places = new uint[old.Length / Width * 5 / 4 * Width];
            for (var i = 0; i < old.Length; i += Width)
            {
                if (old[i + 2] != 0)
                {
                    var person = ((ulong)old[i] << 32) | old[i + 1];
                    Put(Find(person), person, old[i + 2]);
                }
            }
        }
    }
}
