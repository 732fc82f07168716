"""Fewer words ask for the same: what is found and how much each hit weighs, over any condition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.reading import All, Attempt, Condition, Has, Near, Prefer, Some, condition, read
from search.simpler import NOTHING, bare, simpler
from tests.search.corpus import HOSTILE, thesaurus

WORDS = [("title", "护士"), ("title", "医院"), ("body", "护士"), ("grams", "护"), ("names", "护士")]
Vacancy = frozenset[tuple[str, str]]

words = st.builds(
    lambda each, weight: Has(*each, weight), st.sampled_from(WORDS), st.sampled_from([0.5, 1.0])
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    words,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=4).map(lambda parts: Some(tuple(parts))),
        st.builds(lambda needed, better: Prefer(needed, tuple(better)), inner, st.lists(words, max_size=2)),
    ),
    max_leaves=12,
)


def gain(wanted: Condition, vacancy: Vacancy) -> float | None:
    """How much an engine gives the vacancy, each word its weight; None where it is not found."""
    match wanted:
        case Has(name, word, weight):
            return weight if (name, word) in vacancy else None
        case Prefer(needed, better):
            first = gain(needed, vacancy)
            return None if first is None else first + sum(gain(each, vacancy) or 0 for each in better)
        case All(parts):
            gains = [gain(each, vacancy) for each in parts]
            return sum(each or 0 for each in gains) if gains and None not in gains else None
        case Some(parts):
            met = [each for part in parts if (each := gain(part, vacancy)) is not None]
            return sum(met) if met else None
        case Near():
            raise AssertionError("no slips here")


def size(wanted: Condition) -> int:
    match wanted:
        case All(parts) | Some(parts):
            return 1 + sum(map(size, parts))
        case Prefer(needed, better):
            return 1 + size(needed) + sum(map(size, better))
        case _:
            return 1


@given(wanted=conditions, vacancy=st.frozensets(st.sampled_from(WORDS)))
def test_fewer_words_find_the_same_and_weigh_it_the_same(wanted: Condition, vacancy: Vacancy) -> None:
    assert gain(simpler(wanted), vacancy) == gain(wanted, vacancy)
    assert (gain(bare(wanted), vacancy) is None) == (gain(wanted, vacancy) is None)
    assert size(bare(wanted)) <= size(simpler(wanted)) <= size(wanted) or bare(wanted) == NOTHING


def test_a_single_word_is_asked_for_once() -> None:
    wanted = bare(condition(Attempt.WORDS, read("护士", thesaurus())))
    assert isinstance(wanted, Some)
    assert len(set(wanted.parts)) == len(wanted.parts)
    assert not any(isinstance(part, Some) for part in wanted.parts)
    assert {Has("title", "护士"), Has("names", "护士"), Has("grams", "护士")} <= set(wanted.parts)


def test_a_question_of_many_words_stays_small() -> None:
    """Whatever is typed, an engine looks up some hundreds of words at the most."""
    rich = sorted(thesaurus().others, key=lambda word: -len(thesaurus().others[word]))[:40]
    for text in (" ".join(rich), "".join(rich), *HOSTILE):
        reading = read(text, thesaurus())
        assert sum(len(unit.others) for unit in reading.units) <= 96
        assert all(size(bare(condition(attempt, reading))) < 1_000 for attempt in Attempt)
