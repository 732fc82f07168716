"""Awarding 待遇核定: provisional, final and recalculated awards, the differences that follow, and the notice."""
