"""Check digits of the standard numbers and barcodes that the demo records carry."""


def isbn_is_right(number: str) -> bool:
    """Whether a hyphenless ISBN-10 or ISBN-13 ends on the digit that its standard (ISO 2108) asks for."""
    if len(number) == 10 and number[:9].isdigit():
        total = sum((10 - place) * int(digit) for place, digit in enumerate(number[:9]))
        return number[9] == "0123456789X0"[(11 - total % 11) % 11]
    if len(number) == 13 and number.isdigit() and number[:3] in ("978", "979"):
        return ean_is_right(number)
    return False


def ean_is_right(number: str) -> bool:
    """Whether a 13-digit EAN (also ISBN-13 and ISMN-13) ends on the right digit."""
    if len(number) != 13 or not number.isdigit():
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(number[:12]))
    return int(number[12]) == -total % 10


def issn_is_right(number: str) -> bool:
    """Whether an ISSN of the form 1234-567X ends on the digit that ISO 3297 asks for."""
    digits = number.replace("-", "")
    if len(number) != 9 or number[4] != "-" or not digits[:7].isdigit():
        return False
    total = sum((8 - place) * int(digit) for place, digit in enumerate(digits[:7]))
    return digits[7] == "0123456789X0"[(11 - total % 11) % 11]


def luhn_digit(digits: str) -> str:
    """The digit that makes `digits` plus it pass the Luhn test; library barcodes of 14 digits end on it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 if place % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def isbn13(number: str) -> str:
    """The ISBN-13 of an ISBN-10 or ISBN-13 without hyphens."""
    if len(number) == 13:
        return number
    stem = "978" + number[:9]
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return stem + str(-total % 10)
