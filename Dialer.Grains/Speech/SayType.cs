namespace Dialer.Grains.Speech;

/// <summary>What the text of a «say text» extension means once its variables are filled in.</summary>
public enum SayType
{
    /// <summary>Free text, spoken as it stands.</summary>
    Text,

    /// <summary>An amount with or without a currency: <c>-68.27 rub</c>.</summary>
    Money,

    /// <summary>A whole or decimal number.</summary>
    Number,

    /// <summary>A code, spoken digit by digit.</summary>
    Digits,

    /// <summary>A calendar date.</summary>
    Date,

    /// <summary>A time of day.</summary>
    Time,
}

/// <summary>What to do with the minus of an amount or a number: a debt is often kept as a negative balance.</summary>
public enum SignMode
{
    /// <summary>A negative value is spoken with «минус».</summary>
    Say,

    /// <summary>The value is spoken without its sign.</summary>
    Drop,
}
