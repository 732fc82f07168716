"""Levy 征缴 on the web: an employer's and a person's dues, bases, payments and certificates; anybody checks a certificate."""

from fastapi import APIRouter

from portal.pages.levy import batch, employer, enrolling, person, registering, staff, verify

router = APIRouter()
for one in (
    batch,
    staff,
    enrolling,
    registering,
    employer,
    person,
    verify,
):  # a fixed address before what stands for anything
    router.include_router(one.router)
