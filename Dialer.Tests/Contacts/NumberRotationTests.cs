using CsCheck;
using Dialer.Grains.Contacts;
using Xunit;

namespace Dialer.Tests.Contacts;

public sealed class NumberRotationTests
{
    [Theory]
    [InlineData(3, 0b000, 0, 0)]
    [InlineData(3, 0b000, 2, 2)]
    [InlineData(3, 0b000, 3, 0)]
    [InlineData(3, 0b010, 1, 2)]
    [InlineData(3, 0b100, 2, 0)]
    [InlineData(3, 0b101, 2, 1)]
    [InlineData(3, 0b111, 1, null)]
    [InlineData(0, 0b000, 0, null)]
    [InlineData(32, 0x7FFFFFFF, 0, 31)]
    [InlineData(32, -1, 7, null)]
    public void The_next_number_in_turn_that_is_not_struck_out_is_picked(int count, int struck, int next, int? expected) =>
        Assert.Equal(expected, NumberRotation.Pick(new(count, struck, next, 0, 0)));

    [Fact]
    public void More_numbers_than_can_be_struck_out_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NumberRotation.Pick(new(33, 0, 0, 0, 0)));

    [Fact]
    public void Going_on_behind_each_pick_comes_to_every_number_left_before_it_repeats() =>
        Gen.Select(Gen.Int[1, 32], Gen.Int, Gen.Int[0, 31]).Sample((count, struck, from) =>
        {
            var left = Enumerable.Range(0, count).Where(i => (struck >> i & 1) == 0).ToList();
            var picked = new List<int>();
            for (var next = from; picked.Count < left.Count; next = picked[^1] + 1)
            {
                picked.Add(NumberRotation.Pick(new(count, struck, next, 0, 0))!.Value);
            }

            Assert.Equal(left, picked.Order());
        });
}
