"""Schemas of the certificate of benefits 养老待遇证明 (PEN-33)."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from backend.kernel.fields import FileId, Shape
from backend.levy.service import CertifiedBenefit
from backend.registry.schema import Ident


class CertifyBenefits(Shape):
    """开一张养老待遇证明：从哪个月起按月领取什么待遇、现在每月多少钱。"""

    ident: Ident


class BenefitsCertified(Shape):
    """养老待遇证明，带验证码；任何人都可以在网上查验真伪。"""

    code: str = Field(title="验证码")
    name: str = Field(title="姓名")
    issued_on: date = Field(title="开具日期")
    benefits: tuple[CertifiedBenefit, ...] = Field(title="按月发放的待遇")
    file: FileId = Field(title="证明（PDF）")
