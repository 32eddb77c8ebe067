"""Files that somebody saved."""

import json

import pytest
from tests.wire.vendors.records import ACTION, AGENT, CASE, EQHO_AGENT, SCENARIO, SCENARIO_SET, write

from sparring.adapters.moving.sources import read_files
from sparring.adapters.moving.vendors import EQHO, SIGMAMIND
from sparring.domain.errors import InvalidInput

PAGE = {"page": 0, "size": 10, "totalCount": 2, "totalPages": 1, "hasNext": False, "hasPrevious": False}
META = {"per_page": 25, "last_page": 1, "current_page": 1, "next_page": None, "prev_page": None, "total": 1}


def kinds(vendor, *paths):
    return [found.kind for found in read_files(vendor, paths)]


@pytest.mark.parametrize(
    ("vendor", "content", "expected"),
    [
        (SIGMAMIND, CASE, ["test case"]),
        (SIGMAMIND, [CASE, AGENT], ["test case", "agent"]),
        (SIGMAMIND, {"data": [AGENT], **PAGE}, ["agent"]),
        (SIGMAMIND, {"data": [], **PAGE}, []),
        (SIGMAMIND, [], []),
        (SIGMAMIND, {"agents": [AGENT], "testCases": [CASE, CASE]}, ["agent", "test case", "test case"]),
        (SIGMAMIND, {"batchId": "batch_1", "testCases": [CASE]}, ["batch run"]),
        (EQHO, SCENARIO, ["scenario"]),
        (EQHO, [SCENARIO, SCENARIO_SET, ACTION, EQHO_AGENT], ["scenario", "scenario set", "action", "agent"]),
        (EQHO, {"scenarios": [SCENARIO], "meta": META}, ["scenario"]),
        (EQHO, {"scenario_sets": [SCENARIO_SET], "meta": META}, ["scenario set"]),
        (EQHO, {"agents": [], "meta": META}, []),
        (EQHO, {"name": "Set", "description": None}, ["scenario set"]),
        (EQHO, {**EQHO_AGENT, "actions": [ACTION]}, ["agent"]),
    ],
)
def test_records_are_told_apart_by_their_shape(tmp_path, vendor, content, expected):
    assert kinds(vendor, write(tmp_path, "saved.json", json.dumps(content))) == expected


def test_several_files_are_one_import_and_each_record_knows_its_place(tmp_path):
    one = write(tmp_path, "one.json", json.dumps([CASE]))
    two = write(tmp_path, "two.json", json.dumps({"data": [AGENT]}))
    three = write(tmp_path, "three.json", "\ufeff" + json.dumps(CASE))
    found = read_files(SIGMAMIND, [one, two, three])
    assert [one.where.removeprefix(f"{tmp_path}/") for one in found] == [
        "one.json[0]",
        "two.json, data[0]",
        "three.json",
    ]


@pytest.mark.parametrize(
    ("vendor", "text", "told"),
    [
        (SIGMAMIND, "", "is not JSON: Expecting value in line 1, column 1"),
        (SIGMAMIND, '{"a": 1,}', "is not JSON"),
        (SIGMAMIND, '{"userPrompt": "a", "userPrompt": "b"}', 'names the field "userPrompt" twice'),
        (SIGMAMIND, '[{"userPrompt": "\\u0000"}]', "[0].userPrompt must be text that can be stored; it holds NUL"),
        (SIGMAMIND, "[NaN]", "NaN is no number"),
        (SIGMAMIND, "[" * 101 + "]" * 101, "nested deeper than 100 levels"),
        (SIGMAMIND, "[1]", "[0]: a record is a JSON object; a number stands here"),
        (SIGMAMIND, '"x"', ": a record is a JSON object; a text stands here"),
        (SIGMAMIND, '{"data": [null]}', ", data[0]: a record is a JSON object; null stands here"),
        (
            SIGMAMIND,
            '{"hello": 1, "world": 2}',
            "no record of SigmaMind (agent, test case); its fields: hello, world",
        ),
        (SIGMAMIND, "{}", "its fields: none"),
        (
            SIGMAMIND,
            json.dumps([SCENARIO]),
            "a record of Eqho (scenario), not of SigmaMind; use sparring import eqho",
        ),
        (EQHO, json.dumps(CASE), "a record of SigmaMind (test case), not of Eqho; use sparring import sigmamind"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(tmp_path, vendor, text, told):
    path = write(tmp_path, "saved.json", text)
    with pytest.raises(InvalidInput) as refusal:
        read_files(vendor, [path])
    assert told in str(refusal.value)
    assert str(refusal.value).startswith(str(path))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="there is no such file"):
        read_files(EQHO, [tmp_path / "none.json"])
    with pytest.raises(InvalidInput, match="this is a folder"):
        read_files(EQHO, [tmp_path])
    path = tmp_path / "latin.json"
    path.write_bytes(b'["\xe9"]')
    with pytest.raises(InvalidInput, match="is not UTF-8: byte 2"):
        read_files(EQHO, [path])
