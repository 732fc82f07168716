"""From the application to the money: what the vault hands to the factory and to a kiosk makes a card that serves there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from backend import connect
from backend.cli import main
from backend.kernel import signing
from backend.kernel.db import Runner
from backend.payout import service as payout
from backend.payout.refusals import ProofWrong
from cardio import pcsc
from cardio.card import CardSession
from cardio.collect import Done
from cardio.link import CardFault
from cardio.sam import COUNTER, KeyNotHeld, KeyRing, Purpose, Sam
from cardio.sealing import KeyFile, Passphrase, SealWrong, unseal
from cardio.sim import Persona, SimCard
from cardio.tac import Result
from kiosk import cards as reader
from kiosk import sams
from kiosk.settings import Settings
from tests.backend.cards.factory import Factory
from tests.backend.cards.town import AREA, Town
from tests.backend.payout import collecting
from tests.backend.payout.city import fund
from tests.backend.payout.terminal import Terminal

WORDS = "三个臭皮匠"
NEW_KEYS = {"since": "2026-11-24", "previous_until": "2026-12-31", "reason": "密钥管理中心通知更换"}


@pytest.fixture
def house(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    @contextmanager
    def session() -> Iterator[Runner]:
        yield run

    monkeypatch.setattr(connect, "session", session)
    return run


def renshe(*words: str | Path, typed: str = f"{WORDS}\n" * 2) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--lang", "zh-CN", "cards", *map(str, words)], input=typed)
    assert "Traceback" not in done.output
    return done.exit_code, done.output.replace("\n", "")


def module(path: Path) -> Sam:
    """As a kiosk opens it."""
    known = Settings(id="00000001", key="k", dispenser="D", dispenser_key="00", sam=path)
    opened = sams.module(known.model_copy(update={"sam_passphrase": SecretStr(WORDS)}))
    assert opened is not None
    return opened


@dataclass
class Holding(collecting.Holding):
    """A card in the hand of its holder, at a kiosk with a security module."""

    sam: Sam | None = None

    def insert(self) -> None:
        self.session = CardSession(self.card, sam=self.sam)
        assert self.session.verify(self.persona.pin).ok
        assert self.session.secret, "the PIN goes by secure messaging"


def made_by_the_factory(town: Town, factory: Factory, no: int) -> Persona:
    """It opens the line with the transport key that it was handed, and believes the file by the public key beside it."""
    factory.written(no)
    letter, key = factory.folder / f"ZK{no}.sealed", factory.folder / "factory.key"
    assert renshe("transport", str(no), letter, "--key", key)[0] == 0
    told = json.loads(letter.read_text())
    factory.public = bytes.fromhex(told["public_key"])
    [made] = factory.read(no, unseal(letter, KeyFile(key)))
    factory.hand_in(no, factory.back(no, [made]))
    return made.persona()


@pytest.mark.parametrize("version", [1, 2])
def test_a_card_of_our_own_production_is_read_and_paid_at_a_kiosk_with_the_handed_keys(
    house: Runner, town: Town, factory: Factory, tmp_path: Path, version: int
) -> None:
    town.ask("CRD-22", no=town.apply(), approve=True)
    if version == 2:
        town.ask("CRD-10", version=2, **NEW_KEYS)
    persona = made_by_the_factory(town, factory, factory.order())
    assert persona.key_version == version
    town.ask("CRD-26", card_no=persona.card_no, taken_by="holder", activate=True)
    kept = text("select profile, key_version from registry.card where card_no = :no")
    found = house.system(lambda uow: uow.session.execute(kept, {"no": persona.card_no}).one())
    assert tuple(found) == ("collect", version)

    assert renshe("ring", AREA, tmp_path / "kiosk.sam")[0] == 0
    sam = module(tmp_path / "kiosk.sam")
    identity, named, left = CardSession(SimCard(persona), sam=sam).read()
    assert (identity.card_no, named.name, left) == (persona.card_no, "张秀䶮", 3)

    kiosk = Terminal(house)
    fund(house)
    house.system(payout.load, kiosk.id, 10_000_000, "first")
    collecting.owe(house, town.person_id, "2026-10", "2026-11")
    holding = Holding(persona, sam=sam)
    for _ in range(2):
        collecting.collects(kiosk, holding)
    holding.visits(kiosk)
    [closing] = holding.visit.closings
    told = holding.collect.close_order(closing.order, Result(closing.ended), bytes.fromhex(closing.mac3))
    assert told == Done(None), "the card believes how it ended"
    assert [row.result for row in holding.collect.log()] == [Result.PAID, Result.OPEN]


def test_keys_of_another_version_agree_to_nothing(house: Runner, town: Town, factory: Factory) -> None:
    """The load key is named by its place in the card; its version is the card's."""
    town.ask("CRD-10", version=2, **NEW_KEYS)
    town.ask("CRD-22", no=town.apply(), approve=True)
    [made] = factory.make()
    persona = made.persona()
    town.ask("CRD-26", card_no=made.card_no, taken_by="holder", activate=True)
    old = house.vault.of_collect_card(AREA, made.card_code)
    kiosk = Terminal(house)
    fund(house)
    collecting.owe(house, town.person_id, "2026-11")
    right = {"load_key": persona.load_key, "tac_key": persona.tac_key}
    assert {name: key.hex() for name, key in right.items() if key} == {
        name: house.vault.of_collect_card(AREA, made.card_code, 2)[name] for name in right
    }
    forged = Persona.from_json(
        json.loads(persona.to_json()) | {name: old[name] for name in right} | {"channel_key": None}
    )
    holding = collecting.Holding(forged)
    holding.visits(kiosk)
    with pytest.raises(ProofWrong):
        collecting.opens(kiosk, holding)


def test_a_counter_gets_the_key_for_a_new_pin_and_a_kiosk_does_not(
    house: Runner, town: Town, factory: Factory, tmp_path: Path
) -> None:
    town.ask("CRD-22", no=town.apply(), approve=True)
    [made] = factory.make()
    town.ask("CRD-10", version=2, **NEW_KEYS)
    card = SimCard(made.persona())
    assert renshe("ring", AREA, tmp_path / "kiosk.sam")[0] == 0
    assert renshe("ring", AREA, tmp_path / "counter.sam", "--counter")[0] == 0
    with pytest.raises(KeyNotHeld):
        CardSession(card, sam=module(tmp_path / "kiosk.sam")).unblock("246801")
    counter = module(tmp_path / "counter.sam")
    assert [counter.versions(purpose) for purpose in COUNTER] == [(1, 2)] * 3
    assert not any(counter.versions(one) for one in (Purpose.IRK, Purpose.LK, Purpose.TK))
    CardSession(card, sam=counter).unblock("246801")
    assert CardSession(card).verify("246801").ok
    elsewhere = KeyRing.of(unseal(tmp_path / "kiosk.sam", Passphrase(WORDS)))
    with pytest.raises(CardFault, match="外地"):
        elsewhere.card(Purpose.RK, "320000", made.card_code)


def test_a_forgotten_pin_is_given_anew_at_a_reader_by_the_office(
    house: Runner, town: Town, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CRD-09 and the reader: the number goes there, two keys come back, the PIN goes from hand to card."""
    town.ask("CRD-10", version=2, **NEW_KEYS)
    town.ask("CRD-22", no=town.apply(), approve=True)
    [made] = factory.make()
    town.ask("CRD-26", card_no=made.card_no, taken_by="holder", activate=True)
    card, shown = SimCard(made.persona()), list[str]()
    for _ in range(3):
        CardSession(card).verify("999999")
    monkeypatch.setattr(pcsc, "connect", lambda reader: card)  # the reader is not ours
    monkeypatch.setattr(reader.out, "print", lambda text: shown.append(str(text)))
    given: dict[str, str] = {}

    def typed(what: str, **how: bool) -> str:
        if what == "新密码":
            return "246801"
        if not given:
            (number,) = (line.removeprefix("卡片随机数 ") for line in shown if "随机数 " in line)
            done = town.ask("CRD-09", card_no=made.card_no, challenge=number, reason="blocked")
            given.update({"加密密钥": done.cipher_key, "校验密钥": done.mac_key})
        return given[what]

    monkeypatch.setattr(typer, "prompt", typed)
    done = CliRunner().invoke(reader.main, ["unblock"])
    assert done.exit_code == 0, done.output
    assert CardSession(card).verify("246801").ok


def test_what_leaves_is_sealed_is_nobody_elses_to_read_and_stands_in_the_audit(
    house: Runner, town: Town, factory: Factory, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    town.ask("CRD-22", no=town.apply(), approve=True)
    no = factory.order()
    ring, letter, key = tmp_path / "ring", tmp_path / "letter", tmp_path / "key"
    said = [renshe("ring", AREA, ring, "--counter")[1], renshe("transport", str(no), letter, "--key", key)[1]]
    transport = unseal(letter, KeyFile(key))
    assert transport == house.vault.transport_key(no)
    opened = KeyRing.of(unseal(ring, Passphrase(WORDS)))
    assert all(one.stat().st_mode & 0o777 == 0o600 for one in (ring, letter, key))
    rows = text(
        "select item, subject, actor_kind, command from audit.row where item like 'CARD-%' order by id"
    )
    kept = house.system(lambda uow: uow.session.execute(rows).all())
    assert [(row.item, row.subject) for row in kept] == [
        ("CARD-RING", AREA),
        ("CARD-TRANSPORT", f"ZK{no:08d}"),
    ]
    everywhere = " ".join(
        (*said, str(kept), ring.read_text(), letter.read_text(), *capfd.readouterr())
    ).lower()
    for secret in (transport, *opened.masters.values(), house.vault.cards):
        assert secret.hex() not in everywhere
    told = json.loads(letter.read_text())
    assert (told["production"], told["area"], told["key_version"]) == (no, AREA, 1)
    written = factory.written(no)
    lines = written.path.read_bytes().decode("gb18030").splitlines()
    tail = lines[-1].split("|")
    assert signing.signed(bytes.fromhex(told["public_key"]), f"RSZK|{no}|1|{tail[2]}", tail[3])
    letter.write_text(json.dumps(told | {"public_key": "00" * 64}))
    with pytest.raises(SealWrong):
        unseal(letter, KeyFile(key))


def test_what_cannot_be_handed_out_is_said_in_a_sentence(house: Runner, tmp_path: Path) -> None:
    there, bad = tmp_path / "there", tmp_path / "bad"
    there.write_text("mine")
    bad.write_text("zz")
    for words, sentence in (
        (("ring", AREA, there), "没有覆盖"),
        (("ring", "999999", tmp_path / "new"), "999999"),
        (("ring", AREA, tmp_path / "new", "--key", bad), "32 位十六进制"),
        (("ring", AREA, tmp_path / "no" / "new"), "写不下去"),
        (("transport", "77", tmp_path / "new"), "第 77 号"),
    ):
        code, said = renshe(*words)
        assert (code, sentence in said) == (2, True), said
    assert there.read_text() == "mine"
    assert not (tmp_path / "new").exists()
