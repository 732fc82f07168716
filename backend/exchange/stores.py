"""Stores 存放: where the files of an export go: a folder, or the files kept beside the business."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal


class FolderInUse(Refusal):
    """文件夹“{folder}”里已经有东西，没有导出。请换一个空的文件夹。"""


class FolderClosed(Refusal):
    """文件夹“{folder}”不能写入，没有导出。请检查权限和磁盘空间，或者换一个文件夹。"""


class Folder:
    """A folder of its own, new or empty. Begun again (the transaction was retried), a file is written anew."""

    def __init__(self, home: Path) -> None:
        self.home = home
        try:
            home.mkdir(parents=True, exist_ok=True)
            if any(home.iterdir()):
                raise FolderInUse(folder=home)
        except OSError:
            raise FolderClosed(folder=home) from None

    def create(self, name: str) -> BinaryIO:
        try:
            return (self.home / name).open("wb")
        except OSError:
            raise FolderClosed(folder=self.home) from None

    def close(self, name: str, file: BinaryIO) -> str:
        try:
            file.close()
        except OSError:
            raise FolderClosed(folder=self.home) from None
        return ""


class Kept:
    """Kept files, for who may read the audit within reach of who had them made."""

    def __init__(self, uow: Uow, before: str) -> None:
        self.uow, self.before = uow, before

    def create(self, name: str) -> BinaryIO:
        return io.BytesIO()

    def close(self, name: str, file: BinaryIO) -> str:
        if not isinstance(file, io.BytesIO):
            raise TypeError("not a file of this store")
        kept = files.keep(
            self.uow, name=f"{self.before}-{name}", content=file.getvalue(), may=Permission.AUDIT_READ
        )
        return kept.file
