"""Photographs 照片: whether what was handed in can be printed on a card."""

from __future__ import annotations

from backend.cards.refusals import PhotoHeavy, PhotoLying, PhotoNot, PhotoSmall
from backend.cards.rules import Size, jpeg_size
from backend.kernel import files, params
from backend.kernel.db import Uow


def fit(uow: Uow, file: str) -> str:
    """The file's number, if it is a JPEG picture, upright, large enough and not too heavy."""
    content = files.fetch(uow, file).content
    size = jpeg_size(content)
    if size is None:
        raise PhotoNot
    least, most = _least(uow), int(params.value("cards.photo.largest_kb", uow.today))
    if size.width > size.height:
        raise PhotoLying
    if size.width < least.width or size.height < least.height:
        raise PhotoSmall(
            width=size.width, height=size.height, least_width=least.width, least_height=least.height
        )
    if len(content) > most * 1024:
        raise PhotoHeavy(size=-(-len(content) // 1024), most=most)
    return file


def _least(uow: Uow) -> Size:
    return Size(*(int(params.value(f"cards.photo.{side}", uow.today)) for side in ("width", "height")))
