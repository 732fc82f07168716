"""Copies 疑似复制的卡: found by their own count, frozen, shown to staff."""
