"""Picture files of every kind that a user may come with, good and bad, made for the tests of all decoders."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from semantify_blender.core.pictures.picture import Picture

WIDTH, HEIGHT = 60, 40


def colours() -> np.ndarray:
    """(40, 60, 3) uint8: two ramps, and a red corner at the top left that shows how a picture was turned."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    pixels = np.stack([x * 4, y * 6, np.full_like(x, 128)], 2).astype(np.uint8)
    pixels[:10, :20] = 250, 30, 30
    return pixels


def with_alpha() -> np.ndarray:
    """(40, 60, 4) uint8: the same, opaque to the right, half transparent in the middle, transparent to the left."""
    alpha = np.repeat(np.array([0, 128, 255], np.uint8), WIDTH // 3)
    return np.dstack([colours(), np.broadcast_to(alpha, (HEIGHT, WIDTH))])


def png_bytes(pixels: np.ndarray, cut_rows: int = 0, size: tuple[int, int] | None = None) -> bytes:
    """A PNG of uint8 or uint16 RGB(A), which Pillow does not write with 16 bits; size: a lie about (width, height)."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(row.dtype.newbyteorder(">")).tobytes() for row in pixels[: height - cut_rows])
    header = struct.pack(">IIBBBBB", *(size or (width, height)), 8 * pixels.itemsize, {3: 2, 4: 6}[channels], 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff_bytes(pixels: np.ndarray, extra: int | None = None) -> bytes:
    """A TIFF of one strip of uint8 or uint16 RGB(A). extra: 1 premultiplied alpha, 2 straight alpha, 0 unknown."""
    height, width, channels = pixels.shape
    data = pixels.tobytes()
    bits = struct.pack(f"<{channels}H", *[8 * pixels.itemsize] * channels)
    entries = 10 + (extra is not None)
    bits_at = 8 + 2 + 12 * entries + 4
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, bits_at), (259, 3, 1, 1), (262, 3, 1, 2),
            (273, 4, 1, bits_at + len(bits)), (277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(data)),
            (284, 3, 1, 1)]  # fmt: skip
    if extra is not None:
        tags.append((338, 3, 1, extra))
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + directory + bits + data


def good_files(folder: Path) -> dict[str, Path]:
    """Files whose pixels are those of `colours`, nearly so where the format loses something."""
    image = Image.fromarray(colours())
    wide = colours().astype(np.uint16) * 257
    save = {
        "png": ("a.png", {}), "jpeg": ("a.jpg", {"quality": 97, "subsampling": 0}), "bmp": ("a.bmp", {}),
        "tiff": ("a.tif", {}), "tiff lzw": ("lzw.tif", {"compression": "tiff_lzw"}),
        "webp": ("a.webp", {"lossless": True}),
        "progressive": ("p.jpg", {"progressive": True, "quality": 97, "subsampling": 0}),
        "umlauts": ("mit Umläuten und Leerzeichen.png", {}),
    }  # fmt: skip
    files = {name: folder / file for name, (file, _) in save.items()}
    for name, (_, options) in save.items():
        image.save(files[name], **options)
    for name, data in {
        "16-bit png": png_bytes(wide),
        "16-bit tiff": tiff_bytes(wide),
        "png called jpg": png_bytes(colours()),
        "bytes after the end": files["jpeg"].read_bytes() + bytes(300),
    }.items():
        files[name] = folder / f"{name.replace(' ', '-')}.jpg"
        files[name].write_bytes(data)
    files["palette"] = folder / "palette.png"
    image.quantize(256, dither=Image.Dither.NONE).save(files["palette"])
    files.update(_cmyk(folder))
    return files


def _cmyk(folder: Path) -> dict[str, Path]:
    """With Adobe's marker, after which the numbers are inverted, and without."""
    adobe, plain = folder / "cmyk-adobe.jpg", folder / "cmyk.jpg"
    Image.fromarray(colours()).convert("CMYK").save(adobe, quality=97, subsampling=0)
    data = adobe.read_bytes()
    at = data.index(b"\xff\xee")
    plain.write_bytes(data[:at] + data[at + 2 + struct.unpack_from(">H", data, at + 2)[0] :])
    return {"cmyk of adobe": adobe, "cmyk": plain}


def grey_files(folder: Path) -> dict[str, Path]:
    """Files whose pixels are a horizontal ramp of grey, 4 · x."""
    ramp = np.broadcast_to(np.arange(WIDTH, dtype=np.uint8) * 4, (HEIGHT, WIDTH))
    images = {
        "grey.png": Image.fromarray(ramp), "grey.jpg": Image.fromarray(ramp),
        "grey16.png": Image.fromarray(ramp.astype(np.uint16) * 257),
        "grey16.tif": Image.fromarray(ramp.astype(np.uint16) * 257),
        "grey-alpha.png": Image.fromarray(np.dstack([ramp, np.full_like(ramp, 255)]), "LA"),
    }  # fmt: skip
    for name, image in images.items():
        image.save(folder / name, **({"quality": 97} if name.endswith("jpg") else {}))
    return {name: folder / name for name in images}


def alpha_files(folder: Path) -> dict[str, Path]:
    """Files whose pixels are those of `with_alpha`, straight and premultiplied."""
    pixels = with_alpha()
    premultiplied = pixels.copy()
    premultiplied[..., :3] = (pixels[..., :3] * (pixels[..., 3:] / 255) + 0.5).astype(np.uint8)
    files = {
        "straight.tif": tiff_bytes(pixels, 2),
        "premultiplied.tif": tiff_bytes(premultiplied, 1),
        "alpha.png": png_bytes(pixels),
        "alpha16.png": png_bytes(pixels.astype(np.uint16) * 257),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    Image.fromarray(pixels).save(folder / "alpha.webp", lossless=True, exact=True)
    return {name: folder / name for name in (*files, "alpha.webp")}


def turned_files(folder: Path) -> dict[int, Path]:
    """By orientation: JPEGs that look like `colours` once they are turned upright."""
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpositions, inverse to the turn
    files = {}
    for orientation, method in back.items():
        image = Image.fromarray(colours())
        stored = image if method is None else image.transpose(Image.Transpose(method))
        exif = Image.Exif()
        exif[0x0112] = orientation
        files[orientation] = folder / f"turned{orientation}.jpg"
        stored.save(files[orientation], quality=97, subsampling=0, exif=exif)
    return files


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """By name: files that no decoder may read, and words of the sentence that says so."""
    good = good_files(folder)
    image = Image.fromarray(colours())
    image.save(folder / "a.gif")
    image.save(folder / "a.jp2")
    cut = {name: good[name].read_bytes() for name in ("png", "jpeg", "bmp", "tiff", "webp", "progressive")}
    cut["gif"] = (folder / "a.gif").read_bytes()
    contents = {f"cut {name}": (data[: len(data) * 6 // 10], "ends too early") for name, data in cut.items()}
    flipped = bytearray(cut["png"])
    flipped[len(flipped) // 2] ^= 0xFF
    contents |= {
        "empty": (b"", "empty"),
        "text": (b"this is no picture\n" * 50, "not a picture"),
        "bomb": (png_bytes(np.zeros((20, 20, 3), np.uint8), size=(20000, 20000)), "20000 × 20000 pixels are too many"),
        "long bomb": (png_bytes(np.zeros((20, 20, 3), np.uint8), size=(2**31 - 1, 1)), "too many"),
        "dot": (png_bytes(np.zeros((1, 1, 3), np.uint8)), "too few"),
        "damaged png": (bytes(flipped), "damaged"),
        "jpeg head": (cut["jpeg"][:30], "ends too early"),
        "only signature": (cut["png"][:8], "ends too early"),
        "jpeg 2000": ((folder / "a.jp2").read_bytes(), "JPEG 2000"),
        "avif": (b"\0\0\0\x20ftypavif" + bytes(100), "AVIF"),
        "heic": (b"\0\0\0\x18ftypheic" + bytes(100), "HEIC"),
    }  # fmt: skip
    files = {}
    for name, (data, words) in contents.items():
        path = folder / f"{name.replace(' ', '-')}.bad.png"
        path.write_bytes(data)
        files[name] = (path, words)
    Image.fromarray((np.arange(2400, dtype=np.float32) / 2400).reshape(HEIGHT, WIDTH)).save(folder / "float.tif")
    files["float tiff"] = (folder / "float.tif", "rare kind")
    files["folder"] = (folder, "is a folder")
    files["missing"] = (folder / "nowhere.png", "no such picture")
    return files


def figure(width: int = 300, height: int = 400) -> np.ndarray:
    """(H, W, 4) uint8: a doll of shirt, trousers and skin, transparent all around."""
    y, x = np.mgrid[:height, :width] / height
    middle = width / height / 2
    parts = [
        ((x - middle) ** 2 + (y - 0.20) ** 2 < 0.055**2, (205, 150, 120)),
        ((abs(x - middle) < 0.09) & (y > 0.25) & (y < 0.55), (40, 70, 150)),
        ((abs(abs(x - middle) - 0.15) < 0.025) & (y > 0.27) & (y < 0.50), (205, 150, 120)),
        ((abs(x - middle) < 0.16) & (abs(y - 0.28) < 0.02), (40, 70, 150)),
        ((abs(abs(x - middle) - 0.05) < 0.03) & (y > 0.54) & (y < 0.9), (60, 40, 30)),
    ]
    pixels = np.zeros((height, width, 4), np.uint8)
    for mask, colour in parts:
        pixels[mask] = (*colour, 255)
    return pixels


def over(doll: np.ndarray, backdrop: str, seed: int = 0) -> np.ndarray:
    """(H, W, 4) uint8 opaque: a doll in front of "plain", "gradient" or "busy"; noise of a level or two in all."""
    rng = np.random.default_rng(seed)
    height, width = doll.shape[:2]
    y, x = np.mgrid[:height, :width] / max(height, width)
    if backdrop == "busy":
        back = np.kron(rng.integers(20, 235, (-(-height // 23), -(-width // 17), 3)), np.ones((23, 17, 1)))
        back = back[:height, :width]
    elif backdrop == "gradient":
        back = np.array([185, 200, 190]) + np.stack([40 * x, -50 * y, 60 * x * y], 2)
    else:
        back = np.full((height, width, 3), (215.0, 215, 210))
    back = back + rng.normal(0, 1, back.shape)
    colour = np.where(doll[..., 3:] > 0, doll[..., :3], back).clip(0, 255).astype(np.uint8)
    return np.dstack([colour, np.full((height, width), 255, np.uint8)])


def check_good_files(read_picture: Callable[[Path], Picture], folder: Path) -> None:
    """What every decoder must make of whole, opaque pictures of all kinds."""
    for name, path in good_files(folder).items():
        picture = read_picture(path)
        assert picture.name == path.name
        assert picture.pixels.shape == (HEIGHT, WIDTH, 4), name
        assert (picture.pixels[..., 3] == 255).all(), name
        error = np.abs(picture.pixels[..., :3].astype(int) - colours())
        assert error.mean() < 2.5, f"{name}: {error.mean()}"


def check_grey_and_alpha(read_picture: Callable[[Path], Picture], folder: Path) -> None:
    """And of grey ones, and of those with alpha."""
    for name, path in grey_files(folder).items():
        pixels = read_picture(path).pixels.astype(int)
        assert np.abs(pixels[..., :3] - (np.arange(WIDTH) * 4)[None, :, None]).max() <= 2, name
    for name, path in alpha_files(folder).items():
        pixels, expected = read_picture(path).pixels.astype(int), with_alpha()
        assert np.array_equal(pixels[..., 3], expected[..., 3]), name
        seen = expected[..., 3] > 0
        assert np.abs(pixels[seen][:, :3] - expected[seen][:, :3]).max() <= 2, name
