"""The camera: a picture on which something can be seen, or a word why there is none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from backend.kernel.language import EN, ZH
from kiosk import told, words
from kiosk.devices.camera import CameraPlan, SimCamera, pgm, png, somebody, take
from kiosk.devices.port import DeviceDead, DeviceFailed, Picture


def test_a_stored_still_is_the_picture(tmp_path: Path) -> None:
    (tmp_path / "still.pgm").write_bytes(b"P5\n4 2\n255\n" + bytes([0, 90, 180, 250] * 2))
    picture = take(SimCamera(tmp_path / "still.pgm"))
    assert (picture.width, picture.height, picture.grey[:4]) == (4, 2, bytes([0, 90, 180, 250]))


def test_in_a_demonstration_somebody_invented_stands_there_and_others_can_read_it() -> None:
    picture = take(SimCamera(invents=True))
    assert picture == somebody()
    seen = Image.open(io.BytesIO(png(picture)))
    seen.load()
    assert (seen.size, seen.tobytes()) == ((picture.width, picture.height), picture.grey)


@pytest.mark.parametrize(
    ("plan", "still", "state", "code", "said"),
    [
        (CameraPlan(away=True), b"", "away", "OFFLINE", told.CameraSilent),
        (CameraPlan(covered=True), b"", "failed", "BLACK", told.CameraDark),
        (CameraPlan(), b"P5\n2 2\n255\n" + bytes([200] * 4), "failed", "BLANK", told.CameraDark),
        (CameraPlan(), b"not a picture", "failed", "BLANK", told.CameraDark),
        (CameraPlan(), b"", "failed", "BLANK", told.CameraDark),
    ],
    ids=["no cable", "covered", "blank", "spoilt", "no still"],
)
def test_no_picture_is_told_with_what_to_do(
    tmp_path: Path, plan: CameraPlan, still: bytes, state: str, code: str, said: type
) -> None:
    path = tmp_path / "still.pgm"
    if still:
        path.write_bytes(still)
    camera = SimCamera(path, plan)
    assert (camera.health().state, camera.health().code) == (state, code)
    with pytest.raises((DeviceFailed, DeviceDead)) as raised:
        take(camera)
    happened = told.lens(raised.value)
    assert type(happened) is said
    assert "请" in words.said(happened, ZH)
    assert "please" in words.said(happened, EN).lower()


@pytest.mark.parametrize(
    "data",
    [b"", b"P5", b"P6\n1 1\n255\nabc", b"P5\n1 1\n65535\na", b"P5\nx 1\n255\na", b"P5\n2 2\n255\na"],
    ids=repr,
)
def test_what_is_no_still_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"picture|bits"):
        pgm(data)


def test_a_picture_of_no_size_is_none() -> None:
    with pytest.raises(ValueError, match="no picture"):
        Picture(0, 0, b"")
