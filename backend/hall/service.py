"""The service hall 服务大厅 behind a kiosk's screen: other systems' services for the holder of a proved card."""

from backend.hall.cards import cards, lose_card
from backend.hall.guiding import guide
from backend.hall.living import life
from backend.hall.news import news, read_news
from backend.hall.papers import make_paper, records
from backend.hall.work import apply, job

__all__ = [
    "apply",
    "cards",
    "guide",
    "job",
    "life",
    "lose_card",
    "make_paper",
    "news",
    "read_news",
    "records",
]
