# SPDX-License-Identifier: Apache-2.0
"""ground.py PNG RRGGBB [PNG RRGGBB...]: the corner of each picture has that colour, and there is
something on the ground. Reads PNG (ISO/IEC 15948) with 8 bits a channel, not interlaced."""
import struct
import sys
import zlib


def chunks(data):
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, data[at + 8 : at + 8 + size]
        at += 12 + size


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(kind, line, before, step):
    for i, x in enumerate(line):
        a = line[i - step] if i >= step else 0
        b = before[i]
        c = before[i - step] if i >= step else 0
        line[i] = (x + (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) & 0xFF
    return line


def rows(path, count):
    """The first rows, as lists of "rrggbb"."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    parts = list(chunks(data))
    width, _, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    assert depth == 8 and colour in (2, 6) and not interlaced, (depth, colour, interlaced)
    step = 3 if colour == 2 else 4
    raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    before, size = bytearray(width * step), width * step + 1
    for y in range(count):
        line = bytearray(raw[y * size + 1 : (y + 1) * size])
        before = unfilter(raw[y * size], line, before, step)
        yield [before[x * step : x * step + 3].hex() for x in range(width)]


for path, wanted in zip(sys.argv[1::2], sys.argv[2::2]):
    picture = list(rows(path, 120))
    if picture[2][2] != wanted:
        sys.exit(f"{path}: the ground is #{picture[2][2]}, not #{wanted}")
    colours = {pixel for row in picture for pixel in row}
    if len(colours) < 10:
        sys.exit(f"{path}: {len(colours)} colours: there is nothing on it")
