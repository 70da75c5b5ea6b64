"""What a file is by its first bytes. Names and declared types are not believed; the decoder has the last word."""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Enough to look past an ID3 tag's junk; a frame search further in is the decoder's work.
HEAD_BYTES = 128 * 1024


@dataclass(frozen=True)
class AudioFormat:
    name: str
    media_type: str
    suffix: str


WAV = AudioFormat("WAV", "audio/wav", ".wav")
MP3 = AudioFormat("MP3", "audio/mpeg", ".mp3")
AAC = AudioFormat("AAC", "audio/aac", ".aac")
MATROSKA = AudioFormat("Matroska", "audio/x-matroska", ".mka")
WEBM = AudioFormat("WebM", "audio/webm", ".webm")
OGG = AudioFormat("Ogg", "audio/ogg", ".ogg")

_MAGIC = (
    (re.compile(rb"RIFF....WAVE", re.DOTALL), WAV),
    (re.compile(rb"(RF64|BW64)....WAVE", re.DOTALL), AudioFormat("RF64", "audio/wav", ".rf64")),
    (re.compile(rb"riff\x2e\x91\xcf\x11"), AudioFormat("Wave64", "audio/x-w64", ".w64")),
    (re.compile(rb"fLaC"), AudioFormat("FLAC", "audio/flac", ".flac")),
    (re.compile(rb"OggS"), OGG),
    (re.compile(rb"....ftyp", re.DOTALL), AudioFormat("MPEG-4", "audio/mp4", ".m4a")),
    (re.compile(rb"FORM....AIF[FC]", re.DOTALL), AudioFormat("AIFF", "audio/aiff", ".aiff")),
    (re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), AudioFormat("Windows Media", "audio/x-ms-wma", ".wma")),
    (re.compile(rb"wvpk"), AudioFormat("WavPack", "audio/x-wavpack", ".wv")),
    (re.compile(rb"TTA1"), AudioFormat("True Audio", "audio/x-tta", ".tta")),
    (re.compile(rb"caff\x00\x01"), AudioFormat("CAF", "audio/x-caf", ".caf")),
    (re.compile(rb"\.snd"), AudioFormat("AU", "audio/basic", ".au")),
    (re.compile(rb"\x0b\x77"), AudioFormat("AC-3", "audio/ac3", ".ac3")),
    (re.compile(rb"MAC "), AudioFormat("Monkey's Audio", "audio/x-ape", ".ape")),
    (re.compile(rb"MPCK|MP\+"), AudioFormat("Musepack", "audio/x-musepack", ".mpc")),
)
_EBML = b"\x1a\x45\xdf\xa3"
_MPEG_BITRATES_KBPS = {  # by (is MPEG-1, layer)
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MPEG_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_FRAMES_IN_A_ROW = 3

FrameLength = Callable[[bytes, int], int]


def sniff(head: bytes) -> AudioFormat | None:
    """The audio format that `head`, the first HEAD_BYTES of a file, begins; None when it is no audio we know."""
    audio = _after_id3(head)
    if audio is None:
        return MP3
    for magic, audio_format in _MAGIC:
        if magic.match(audio):
            return audio_format
    if audio.startswith(_EBML):
        return WEBM if b"webm" in audio[:64] else MATROSKA
    return _sniff_frames(audio)


def _after_id3(head: bytes) -> bytes | None:
    """What follows leading ID3v2 tags; None when a tag reaches beyond `head`, as one with a large cover does."""
    for _ in range(4):
        if head[:3] != b"ID3" or len(head) < 10 or max(head[6:10]) > 0x7F:
            return head
        size = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        if size >= len(head):
            return None
        head = head[size:]
    return head


def _sniff_frames(head: bytes) -> AudioFormat | None:
    """MPEG audio has no magic number: look for a few frames that follow each other at the lengths they state."""
    position = head.find(0xFF)
    while 0 <= position < len(head) - 7:
        for length_of, audio_format in ((_mpeg_frame_bytes, MP3), (_adts_frame_bytes, AAC)):
            if _is_chain(head, position, length_of):
                return audio_format
        position = head.find(0xFF, position + 1)
    return None


def _is_chain(head: bytes, position: int, length_of: FrameLength) -> bool:
    for count in range(_FRAMES_IN_A_ROW):
        if count and position == len(head):
            return True
        length = length_of(head, position) if position + 7 <= len(head) else 0
        if not length:
            return False
        position += length
    return True


def _mpeg_frame_bytes(head: bytes, position: int) -> int:
    """Length of the MPEG-1/2/2.5 audio frame whose header (ISO 11172-3, 2.4.1.3) is at `position`, 0 for none."""
    second, third = head[position + 1], head[position + 2]
    if head[position] != 0xFF or second & 0xE0 != 0xE0:
        return 0
    version, layer = (second >> 3) & 3, 4 - ((second >> 1) & 3)
    rate_index, bitrate_index = (third >> 2) & 3, third >> 4
    if version == 1 or layer == 4 or rate_index == 3 or bitrate_index in (0, 15):
        return 0
    is_mpeg1 = version == 3
    bits_per_second = 1000 * _MPEG_BITRATES_KBPS[is_mpeg1, layer][bitrate_index]
    rate_hz = _MPEG_RATES_HZ[version][rate_index]
    padding = (third >> 1) & 1
    if layer == 1:
        return (12 * bits_per_second // rate_hz + padding) * 4
    samples = 1152 if is_mpeg1 or layer == 2 else 576
    return samples // 8 * bits_per_second // rate_hz + padding


def _adts_frame_bytes(head: bytes, position: int) -> int:
    """Length of the ADTS frame (ISO 13818-7, 6.2) at `position`, 0 for none."""
    if head[position] != 0xFF or head[position + 1] & 0xF6 != 0xF0:
        return 0
    if (head[position + 2] >> 2) & 0xF > 12:
        return 0
    length = (head[position + 3] & 3) << 11 | head[position + 4] << 3 | head[position + 5] >> 5
    return length if length > 7 else 0
