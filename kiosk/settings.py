"""Settings of one kiosk: from the environment (RENSHE_KIOSK_*), its secrets from where the machine's chip lets them out,
the rest from the enrolment file on its disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from backend.kernel.errors import Told
from backend.kiosks.enrolment import CREDENTIALS, PAPERS, SECRETS
from cardio.sm2 import PublicKey


class SecretsOnDisk(Told):
    """{file} 里写着密钥（{names}），拿走硬盘的人就能冒充本机。请换新密钥，各写进 {folder} 里同名的文件，再从 {file} 里删掉。"""


def _home() -> Path:
    """RENSHE_KIOSK_HOME, or `kiosk` under the home of the house."""
    return Path(
        os.environ.get("RENSHE_KIOSK_HOME") or Path(os.environ.get("RENSHE_HOME", ".renshe")) / "kiosk"
    )


def credentials() -> Path:
    """Where each secret is a file: RENSHE_KIOSK_CREDENTIALS, or what systemd lets out, or beside the kiosk's home."""
    for name in ("RENSHE_KIOSK_CREDENTIALS", "CREDENTIALS_DIRECTORY"):
        if told := os.environ.get(name):
            return Path(told)
    return _home().parent / CREDENTIALS


class Papers(JsonConfigSettingsSource):
    """The enrolment file. A secret in it is refused: a disk can be stolen."""

    def __call__(self) -> dict[str, Any]:
        found = super().__call__()
        if names := sorted(set(found) & set(SECRETS)):
            raise SecretsOnDisk(file=PAPERS, names="、".join(names), folder=credentials())
        return found


class Settings(BaseSettings):
    """`kiosk.json` holds the same names in lower case: id, dispenser, backend and so on; the secrets are files by their names."""

    model_config = SettingsConfigDict(env_prefix="RENSHE_KIOSK_", extra="ignore", frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{8}$", description="自助机编号，四个字节")
    key: SecretStr = Field(description="设备密钥")
    dispenser: str = Field(min_length=1, max_length=32, description="出钞机号")
    dispenser_key: SecretStr = Field(description="出钞机密钥，十六进制")
    backend: str = Field(
        default_factory=lambda: f"http://127.0.0.1:{os.environ.get('RENSHE_PORT', '8000')}",
        description="后台地址",
    )
    backend_ca: Path | None = Field(
        default=None, description="给后台发证书的机构的证书（PEM）；空着就信任系统信任的机构"
    )
    notice_key: str | None = Field(
        default=None, description="核对停用卡名单签名的公钥，十六进制；没有就只由后台拒绝停用的卡"
    )
    patience_s: float = Field(default=20.0, gt=0, description="后台没有回答时，一次办理最多等多少秒")
    port: int = Field(default=8100, ge=1, le=65535)
    home: Path = Field(default_factory=_home)
    cards: Path | None = Field(default=None, description="演示卡片（JSON），默认 home 下的 cards.json")
    terminal_key: SecretStr | None = Field(
        default=None, description="终端安全模块的主密钥，读第三代卡用，十六进制"
    )
    services: tuple[str, ...] | None = Field(
        default=None, description="这台自助机办哪些事（services.yaml 里的 code），不写就是全部"
    )
    mode: Literal["tray", "pcsc", "both"] = "tray"
    reader: str = Field(
        default="", description="顾客插卡的读卡器：名称的一部分，或带 * 和 ? 的样式；空着就是任何一个"
    )
    pad_key: SecretStr | None = Field(
        default=None, description="密码键盘与安全模块共用的密钥，十六进制；没有就由键盘自己交给卡"
    )
    pin_pad: Literal["screen", "simulated"] = Field(
        default="screen", description="密码在屏幕上输，还是在密码键盘上"
    )
    module_reader: str = Field(default="", description="装安全模块的读卡器，写法相同；里面的卡不是顾客的")
    sam: Path | None = Field(default=None, description="安全模块的密钥文件，没有安全模块卡时用")
    sam_key: SecretStr | None = Field(default=None, description="打开密钥文件的钥匙，十六进制")
    sam_passphrase: SecretStr | None = Field(default=None, description="打开密钥文件的口令")
    areas: tuple[str, ...] = Field(
        default=(), description="本机只办这些地区的卡（行政区划的开头）；空着就都办"
    )

    @field_validator("notice_key")
    @classmethod
    def _is_a_key(cls, told: str | None) -> str | None:
        if told is not None:
            PublicKey(bytes.fromhex(told))
        return told

    @property
    def demo_cards(self) -> Path:
        return self.cards or self.home / "cards.json"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        chip = credentials()
        secrets = SecretsSettingsSource(settings_cls, chip if chip.is_dir() else None, env_prefix="")
        return init_settings, env_settings, secrets, Papers(settings_cls, _home() / PAPERS)
