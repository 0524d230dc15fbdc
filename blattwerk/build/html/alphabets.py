"""Letters of the alphabets of mathematics, which Unicode has as signs of their own: R as ℝ, N as 𝒩, x as 𝐱."""

# Where an alphabet's A, a, 0, Α and α stand; 0 where it has none.
_FIRST = {
    "mathbf": (0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2),
    "boldsymbol": (0x1D468, 0x1D482, 0x1D7CE, 0x1D71C, 0x1D736),
    "mathcal": (0x1D49C, 0x1D4B6, 0, 0, 0),
    "mathfrak": (0x1D504, 0x1D51E, 0, 0, 0),
    "mathbb": (0x1D538, 0x1D552, 0x1D7D8, 0, 0),
    "mathsf": (0x1D5A0, 0x1D5BA, 0x1D7E2, 0, 0),
    "mathtt": (0x1D670, 0x1D68A, 0x1D7F6, 0, 0),
}
_FIRST["bm"] = _FIRST["boldsymbol"]
_ASCII = "Aa0Αα"
_LAST = "Zz9Ωω"
# Those that Unicode had before it had the alphabets.
_ELSEWHERE = {
    "mathcal": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "mathfrak": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
    "mathbb": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
}


def letter(alphabet: str, sign: str) -> str:
    """A letter of an alphabet; itself where the alphabet has no such letter, or is the upright one."""
    if sign in _ELSEWHERE.get(alphabet, {}):
        return _ELSEWHERE[alphabet][sign]
    for first, low, high in zip(_FIRST.get(alphabet, ()), _ASCII, _LAST, strict=False):
        if first and low <= sign <= high:
            return chr(first + ord(sign) - ord(low))
    return sign
