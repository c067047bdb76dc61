"""Wrong conversions: functions of the stored value and of what the leaf sends for it.

Each hands on what it is not about, so that a mutant fails for its own reason.
"""

import base64
import json
import re
import struct
import unicodedata
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Wrong = Callable[[Any, Any], Any]

_OFFSET = re.compile(r"[+-]\d\d:\d\d$")


def sent(type_: type, change: Callable[[Any], Any]) -> Wrong:
    """Change what is sent, where it is of that type."""
    return lambda _, value: change(value) if isinstance(value, type_) else value


def stored(type_: type, change: Callable[[Any], Any]) -> Wrong:
    """Send something made of the stored value instead, where that is of that type."""
    return lambda value, proper: change(value) if isinstance(value, type_) else proper


def always(value: Any) -> Wrong:
    """Send one value for all."""
    return lambda _, __: value


def replaced(old: str, new: str) -> Wrong:
    """Replace a part of the text that is sent."""
    return sent(str, lambda text: text.replace(old, new))


def nfc(text: str) -> str:
    """Return text composed, as many a library makes it unasked."""
    return unicodedata.normalize("NFC", text)


def without_astral(text: str) -> str:
    """Return text without the characters beyond 16 bits."""
    return "".join(character for character in text if character < "\U00010000")


def wrapped(number: int) -> int:
    """Return what is left of an integer in 32 bits."""
    return (number + 2**31) % 2**32 - 2**31


def through_double(number: int) -> int:
    """Return an integer that was a double on its way, kept within 64 bits."""
    return min(int(float(number)), 2**63 - 1)


def float4(number: float) -> float:
    """Return the nearest four-byte float; a number beyond them stays as it is."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return number


def other_last_bit(number: float) -> float:
    """Return the neighbour of a double."""
    (bits,) = struct.unpack(">q", struct.pack(">d", number))
    return float(struct.unpack(">d", struct.pack(">q", bits ^ 1))[0])


def a_microsecond_late(text: str) -> str:
    """Return an instant, or a clock's reading, one microsecond on."""
    return str(datetime.fromisoformat(text) + timedelta(microseconds=1))


def to_milliseconds(text: str) -> str:
    """Return a moment whose fraction has three digits at most."""
    return re.sub(r"(\.\d{3})\d+", r"\1", text)


def without_offset(text: str) -> str:
    """Return the clock's reading of an instant, taken for UTC."""
    return _OFFSET.sub("+00:00", text)


def other_offset(text: str) -> str:
    """Return an instant whose offset has the other sign, as POSIX counts them."""
    return _OFFSET.sub(lambda found: found[0].translate(str.maketrans("+-", "-+")), text)


def in_winter_time(text: str) -> str:
    """Return New York's local time as if there were no summer."""
    return f"{text if len(text) > 10 else text + ' 00:00'}-05:00"


def as_microseconds(count: float) -> str:
    """Return the instant of a count of milliseconds that is taken for microseconds."""
    return str(datetime.fromtimestamp(int(count) / 1e6, UTC))


def the_day_before(text: str) -> str:
    """Return the day before one."""
    return str(datetime.fromisoformat(text) - timedelta(days=1))[:10] if len(text) == 10 else text


def month_first(text: str) -> str:
    """Return a day whose day is taken for the month, where it may be one."""
    year, month, day = text[:4], text[5:7], text[8:10]
    return f"{year}-{day}-{month}" if len(text) == 10 and int(day) <= 12 else text


def reordered(change: Callable[[list[Any]], list[Any]]) -> Callable[[str], str]:
    """Return what changes every array of a JSON text, and leaves other texts as they are."""

    def changed(document: Any) -> Any:
        match document:
            case list():
                return change([changed(item) for item in document])
            case dict():
                return {key: changed(value) for key, value in document.items()}
        return document

    return lambda text: json.dumps(changed(json.loads(text))) if "[" in text else text


def first_of_equal_keys(text: str) -> str:
    """Return a document that keeps the first of equal keys, where JSON's readers keep the last."""
    return json.dumps(json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs))))


def numbers_through_double(text: str) -> str:
    """Return a document whose integers were doubles, where it holds a long one."""
    return json.dumps(json.loads(text, parse_int=float)) if "123456" in text else text


def spelled_anew(text: str) -> str:
    """Return a document as Python spells it."""
    return json.dumps(json.loads(text))


def other_uuid(text: str) -> str:
    """Return a uuid with another last bit."""
    return str(uuid.UUID(int=uuid.UUID(text).int ^ 1))


def windows_order(sixteen: bytes) -> str:
    """Return a uuid whose first three parts are read with their bytes reversed."""
    return uuid.UUID(bytes_le=sixteen).hex


def decoded_base64(text: str) -> bytes:
    """Return the bytes that a text stands for in base64, else its own."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return text.encode()


def decoded_hex(text: str) -> bytes:
    """Return the bytes that a text spells in hex, else its own."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode()


def wrapped_in_quotes(text: str) -> str:
    """Return a document as a string of JSON."""
    return json.dumps(text)


def in_utc(text: str) -> str:
    """Return the same instant, told in UTC."""
    return str(datetime.fromisoformat(text).astimezone(UTC)) if len(text) > 20 else text
