"""Who hears of what, and who asks whether all agrees. The one place to read to see how systems affect each other."""

from backend.accounting import service as accounting
from backend.cards import service as cards
from backend.employment import service as employment
from backend.kernel.db import Handler
from backend.kiosks import service as kiosks
from backend.levy import service as levy
from backend.levy.service import Certifying, NoLongerPaid, PaidInFull, Reassessed
from backend.payout import service as payout
from backend.payout.service import CashLoaded, Collected, Presented, Withdrawn
from backend.pension import crediting
from backend.pension import service as pension
from backend.pension.kept import Retiring
from backend.pension.living.keeping import Proved
from backend.pension.residents import service as residents
from backend.pension.stopping import Vouched
from backend.registry import service as registry
from backend.registry.service import CardMoved, Died, EmployerClosed, Enrolled, Lives, Retired

HANDLERS: dict[type, list[Handler]] = {
    Enrolled: [pension.on_enrolled, pension.allowance.on_enrolled],
    PaidInFull: [crediting.recount],
    NoLongerPaid: [crediting.recount],
    Reassessed: [crediting.recount],
    EmployerClosed: [employment.on_closed],
    Retiring: [pension.transferring.on_retiring, pension.allowance.on_retiring],
    Retired: [registry.ending.on_retired, pension.allowance.on_retired],
    Died: [
        registry.ending.on_died,
        pension.stopping.on_died,
        pension.allowance.on_died,
        residents.stopping.on_died,
        cards.ending.on_died,
    ],
    Lives: [
        registry.ending.on_lives,
        pension.death.on_lives,
        pension.stopping.on_lives,
        pension.allowance.on_lives,
        residents.stopping.on_lives,
        cards.ending.on_lives,
    ],
    Withdrawn: [
        pension.stopping.on_withdrawn,
        pension.adjusting.on_withdrawn,
        pension.drawing.on_withdrawn,
        residents.stopping.on_withdrawn,
    ],
    Collected: [pension.keeping.on_collected],
    Proved: [pension.lapsing.on_proved, pension.allowance.on_proved],
    Vouched: [pension.keeping.on_vouched],
    CardMoved: [cards.stopping.on_moved],
    Presented: [cards.keyversions.on_presented],
    Certifying: [crediting.on_certifying],
    CashLoaded: [kiosks.on_cash_loaded],
}
CHECKS = (  # what `renshe ledger check` asks
    accounting.check,
    payout.check,
    levy.check,
    pension.check,
    pension.careers.check,
    pension.adjusting.check,
    pension.death.check,
    pension.drawing.check,
    pension.transferring.check,
    residents.check,
    cards.check,
    kiosks.check,
)
