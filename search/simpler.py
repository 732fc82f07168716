"""The same vacancies asked for in fewer words: what an engine need not look up twice.

`simpler` keeps the order that vacancies come in too; `bare` keeps only which are found, for counting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search.reading import All, Condition, Has, Near, Prefer, Some

NOTHING = Some(())
Row = tuple[Condition, ...]


def simpler(wanted: Condition) -> Condition:
    """Alternatives within alternatives as one row; what stands there twice once, with the weight of both."""
    match wanted:
        case All(parts):
            return _all(_once(_opened(map(simpler, parts), All)))
        case Some(parts):
            return _some(_once(_opened(map(simpler, parts), Some)))
        case Prefer(needed, better):
            return Prefer(simpler(needed), tuple(map(simpler, better)))
        case _:
            return wanted


def bare(wanted: Condition) -> Condition:
    """What decides whether a vacancy is found, without weights and without what says no more than the rest."""
    match wanted:
        case Has(name, word):
            return Has(name, word)
        case Near():
            return wanted
        case All(parts):
            return _all(_needed(_opened(map(bare, parts), All), Some))
        case Some(parts):
            return _some(_needed(_opened(map(bare, parts), Some), All))
        case Prefer(needed, _):
            return bare(needed)


def _all(parts: Row) -> Condition:
    if not parts or NOTHING in parts:
        return NOTHING
    return parts[0] if len(parts) == 1 else All(parts)


def _some(parts: Row) -> Condition:
    kept = tuple(part for part in parts if part != NOTHING)
    return kept[0] if len(kept) == 1 else Some(kept)


def _opened(parts: Iterable[Condition], kind: type[All | Some]) -> Iterator[Condition]:
    """With those of the same kind laid out in the row."""
    for part in parts:
        if isinstance(part, kind) and part != NOTHING:
            yield from part.parts
        else:
            yield part


def _once(parts: Iterable[Condition]) -> Row:
    """Words, and rows of words that must all be there, once each: an engine would add up what they give."""
    kept: dict[object, Condition] = {}
    for at, part in enumerate(parts):
        same = _words(part) or at
        kept[same] = _together(kept[same], part) if same in kept else part
    return tuple(kept.values())


def _words(part: Condition) -> tuple[tuple[str, str], ...]:
    """The words looked for, where there are only words."""
    match part:
        case Has(name, word):
            return ((name, word),)
        case All(parts):
            words = tuple(_words(each) for each in parts)
            return tuple(word for each in words for word in each) if all(words) else ()
        case _:
            return ()


def _together(one: Condition, other: Condition) -> Condition:
    match one, other:
        case Has(weight=weight), Has(weight=more):
            return one._replace(weight=weight + more)
        case All(parts), All(others):
            return All(tuple(_together(*pair) for pair in zip(parts, others, strict=True)))
        case _:
            raise AssertionError("only rows of the same words are put together")


def _needed(parts: Iterable[Condition], kind: type[All | Some]) -> Row:
    """A or (A and B) is A; A and (A or B) is A."""
    row = tuple(dict.fromkeys(parts))
    alone = {part for part in row if not isinstance(part, kind)}
    return tuple(part for part in row if not (isinstance(part, kind) and alone.intersection(part.parts)))
