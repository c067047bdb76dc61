"""Load's side of numbers in a text column: as SQLite spells them."""


def sqlite_text(number: float) -> str:
    """Return the text that SQLite makes of a number, unless that would lose digits of it.

    SQLite prints 15 significant digits with at least one after the point, `%!.15g`
    (https://sqlite.org/printf.html#the_bang_flag); infinities are `Inf` and `-Inf`.
    """
    if isinstance(number, int):
        return str(number)
    text = f"{number:.15g}"
    if "inf" in text:
        return text.title()
    # Below that, doubles lose digits, and fifteen of them may say more than there is.
    if float(text) != number or abs(number) < 1e-300:
        text = repr(number)
    mantissa, mark, exponent = text.partition("e")
    return (mantissa if "." in mantissa else f"{mantissa}.0") + mark + exponent
