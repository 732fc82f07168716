"""Devices around the kiosk, each behind a port: the cash dispenser and the receipt printer."""
