"""The counter 柜台: the person at hand, every item an officer may do as a form drawn from its schema, cases, batches."""

from fastapi import APIRouter

from portal.pages.desk import batches, books, cards, cases, fleet, home, items, people

router = APIRouter()
for part in (home, people, cases, books, cards, fleet, batches, items):  # items last: it takes any code
    router.include_router(part.router)
