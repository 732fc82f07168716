"""My pension 我的养老保险: where I stand, when I can retire, what I will get, everything that was paid."""

from fastapi import APIRouter

from portal.pages.pension import estimate, mine, payments, resident, when

router = APIRouter(prefix="/account")
for one in (mine, when, estimate, payments, resident):
    router.include_router(one.router)
