"""Encoded pictures without the comments that Cycles writes into them: its render times differ from run to run."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXT = (b"tEXt", b"zTXt", b"iTXt", b"tIME")


def without_comments(data: bytes) -> bytes:
    """The same JPEG or PNG without comment segments and text chunks; the pixels are not touched."""
    if data.startswith(b"\xff\xd8"):
        return _clean_jpeg(data)
    if data.startswith(_PNG):
        return _clean_png(data)
    return data


def _clean_jpeg(data: bytes) -> bytes:
    kept, at = [data[:2]], 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:  # start of scan: the picture itself follows, to the end
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker != 0xFE:
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at:]])


def _clean_png(data: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at < len(data):
        # a chunk: length, type, content, checksum
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] not in _PNG_TEXT:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)
