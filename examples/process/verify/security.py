"""Whether the served model can be talked into what it should not do. Fails with what it found."""

import sys
import urllib.parse

import place

HOSTILE = {
    "no JSON": b"{",
    "no instances": b"{}",
    "a text for a number": b'{"instances": [["1; DROP TABLE customers", 2.0, 0.0, 0.0]]}',
    "too few numbers": b'{"instances": [[1.0]]}',
    "deep nesting": b'{"instances": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
}
TELLTALE = (b"Traceback (most recent call last)", b'File "/')


def findings() -> list[str]:
    """What is wrong, a line each."""
    found = []
    address = urllib.parse.urlsplit(place.ENDPOINT)
    if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        found.append(f"{place.ENDPOINT} is not encrypted")
    for what, body in HOSTILE.items():
        try:
            status, text = place.ask(place.PREDICT, body)
        except OSError as problem:
            found.append(f"{what}: no answer ({problem})")
            continue
        if not 400 <= status < 500:
            found.append(f"{what}: answered with status {status} instead of a refusal")
        if any(telltale in text for telltale in TELLTALE):
            found.append(f"{what}: the answer shows the server's code")
    return found


def main() -> None:
    """Looks and says."""
    found = findings()
    place.write({"findings": found})
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
