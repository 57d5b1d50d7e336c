"""One person under several ids is one customer where the client wants it, told in the account, and never lost."""

from collections.abc import Callable

import pytest
from conftest import Prepared

from horetsu_utils.ingest import identity, link

SHOPS = {
    name: f"""
title: {name}
tables:
  orders:
    known_by: [{name}の番号, 日, 額]
    columns: {{order_id: [{name}の番号], ordered_at: [日], amount: [額]}}
    person: {{mail: [メール], phone: [電話], name: [氏名]}}
    customer_key: [{{columns: [会員]}}, {{kind: mail}}, {{kind: name_and_phone}}, {{kind: phone}}]
"""
    for name in ("east", "west")
}
TABLES = "  orders: [{files: data/east*, mapping: east}, {files: data/west*, mapping: west}]"
BOTH = "link: [mail, phone]"
Person = tuple[str, str, str]
"""Member number, mail, phone."""


def shop(name: str, *people: Person) -> str:
    rows = [f"{place},2026-06-{place:02},100,{','.join(each)},見本" for place, each in enumerate(people, start=1)]
    return "\n".join([f"{name}の番号,日,額,会員,メール,電話,氏名", *rows])


@pytest.fixture
def linked(prepare: Callable[..., Prepared]) -> Callable[..., Prepared]:
    def run(east: list[Person], west: list[Person], settings: str = BOTH, name: str = "shop") -> Prepared:
        files = {"east.csv": shop("east", *east), "west.csv": shop("west", *west)}
        return prepare(files, TABLES, settings=settings, name=name, **SHOPS)

    return run


def ids(found: Prepared, column: str = "customer_id") -> list[str]:
    return [row[column] for row in found.table("lines")]


def test_one_person_of_two_shops_is_one_customer_by_the_mail_address(linked: Callable[..., Prepared]) -> None:
    found = linked([("7", "a@example.jp", ""), ("8", "b@example.jp", "")], [("70", "A@example.jp", ""), ("", "", "")])
    assert ids(found) == ["east:7", "east:8", "east:7", None]
    assert ids(found, "own_customer_id") == ["east:7", "east:8", "west:70", None]
    assert found.account["linked"] == {"people": 1, "ids": 2, "shared": 0}
    assert found.counts() == {"accepted": 3, "no_customer": 1}
    assert {(row["customer_id"], row["order_id"]) for row in found.table("orders")} == {
        ("east:7", "1"),
        ("east:8", "2"),
    }
    assert sorted(row["origin"] for row in found.table("orders")) == ["east", "east", "west"]


def test_links_hold_over_a_chain_of_mails_and_phones(linked: Callable[..., Prepared]) -> None:
    east = [("1", "a@example.jp", ""), ("2", "a@example.jp", "090-0000-0001"), ("3", "", "090-0000-0002")]
    west = [("4", "", "09000000001"), ("5", "c@example.jp", "+81 90 0000 0001"), ("6", "d@example.jp", "")]
    found = linked(east, west)
    assert ids(found) == ["east:1", "east:1", "east:3", "east:1", "east:1", "west:6"]
    assert found.account["linked"] == {"people": 1, "ids": 4, "shared": 0}


def test_a_number_of_the_shop_is_kept_before_a_hashed_key(linked: Callable[..., Prepared]) -> None:
    found = linked([("", "a@example.jp", "090-0000-0001"), ("", "", "090-0000-0001")], [("9", "a@example.jp", "")])
    assert ids(found) == ["west:9", "west:9", "west:9"]
    assert ids(found, "own_customer_id") == [
        found.key(identity.MAIL, "a@example.jp"),
        found.key(identity.PERSON, "見本\n09000000001"),
        "west:9",
    ]
    assert found.account["linked"] == {"people": 1, "ids": 3, "shared": 0}


def test_only_the_keys_that_are_asked_for_link(linked: Callable[..., Prepared]) -> None:
    east, west = (
        [("1", "a@example.jp", ""), ("2", "", "0900000001")],
        [("3", "a@example.jp", ""), ("4", "", "0900000001")],
    )
    by_mail = linked(east, west, "link: [mail]", name="mail")
    assert ids(by_mail) == ["east:1", "east:2", "east:1", "west:4"]
    by_phone = linked(east, west, "link: [phone]", name="phone")
    assert ids(by_phone) == ["east:1", "east:2", "west:3", "east:2"]


@pytest.mark.parametrize(("count", "shared"), [(link.MOST_IDS, 0), (link.MOST_IDS + 1, 1)])
def test_an_address_that_too_many_share_links_nobody(linked: Callable[..., Prepared], count: int, shared: int) -> None:
    east = [(str(number), "shop@example.jp", f"090-0000-100{number}") for number in range(1, count + 1)]
    found = linked(east, [("99", "", "090-0000-1001")])
    people = [f"east:{number}" for number in range(1, count + 1)]
    if shared:
        assert ids(found) == [*people, "east:1"]  # the number of one of them is still his own
        assert found.account["linked"] == {"people": 1, "ids": 2, "shared": 1}
    else:
        assert set(ids(found)) == {"east:1"}
        assert found.account["linked"] == {"people": 1, "ids": count + 1, "shared": 0}


def test_taking_the_setting_out_gives_the_old_ids_back(linked: Callable[..., Prepared]) -> None:
    people = (
        [("1", "a@example.jp", ""), ("", "b@example.jp", "")],
        [("2", "a@example.jp", ""), ("3", "b@example.jp", "")],
    )
    before = linked(*people, settings="")
    kept, lines, account = ids(before), before.table("lines"), before.account
    assert len(set(kept)) == 4
    assert (account["linked"], "own_customer_id" in lines[0]) == ({}, False)
    during = linked(*people)
    assert (len(set(ids(during))), ids(during, "own_customer_id")) == (2, kept)
    after = linked(*people, settings="")
    assert (after.table("lines"), after.account) == (lines, account)


def test_nobody_to_link_is_told_too(linked: Callable[..., Prepared]) -> None:
    found = linked([("1", "a@example.jp", "")], [("2", "b@example.jp", "")])
    assert found.account["linked"] == {"people": 0, "ids": 0, "shared": 0}
    assert ids(found) == ["east:1", "west:2"]


def test_the_other_tables_follow_the_same_links(prepare: Callable[..., Prepared]) -> None:
    story = "customer_id,date,change_score,emotion\neast:1,2026-06-01,3,良い\nwest:2,2026-06-02,4,良い\n"
    files = {
        "east.csv": shop("east", ("1", "a@example.jp", "")),
        "west.csv": shop("west", ("2", "a@example.jp", "")),
        "story.csv": story,
    }
    found = prepare(files, f"{TABLES}\n  story: [{{files: data/story*}}]", settings=BOTH, **SHOPS)
    told = [(row["customer_id"], row["own_customer_id"]) for row in found.table("story")]
    assert told == [("east:1", "east:1"), ("east:1", "west:2")]
