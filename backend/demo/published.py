"""Published figures 公布的数字 for the demo city's careers; the demo's own series fills what was not found."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from backend.demo.places import city as city_code
from backend.demo.series import WHOLE, Terms, terms
from backend.kernel import params
from backend.kernel.money import Money
from backend.kernel.period import Month

