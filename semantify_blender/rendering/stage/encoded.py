"""Encoded pictures without the comments that Cycles writes into them: its render times differ from run to run."""

from ...core.pictures import jpeg, png

_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"tIME")


def without_comments(data: bytes) -> bytes:
    """The same JPEG or PNG without comment segments and text chunks; the pixels are not touched."""
    if data.startswith(b"\xff\xd8"):
        return _clean_jpeg(data)
    if data.startswith(png.SIGNATURE):
        return png.SIGNATURE + b"".join(data[c.start : c.end] for c in png.chunks(data) if c.kind not in _TEXTS)
    return data


def _clean_jpeg(data: bytes) -> bytes:
    kept, at = [data[:2]], 2
    for segment in jpeg.segments(data):
        if segment.marker == jpeg.SCAN:  # the picture itself follows, to the end
            break
        if segment.marker != jpeg.COMMENT:
            kept.append(data[segment.start : segment.end])
        at = segment.end
    return b"".join([*kept, data[at:]])
