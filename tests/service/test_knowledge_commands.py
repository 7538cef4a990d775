"""`parvis knowledge`: what an agency has becomes articles, faults are named, and retrieval is measured beside plain BM25."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.knowledge import knowledge
from services.domain import articles, knowledge_folder

run = CliRunner()

FAQ_CSV = """question;answer;category
Quand les bacs sont-ils relevés ?;Les bacs sont relevés le mardi et le vendredi, dès 6 h.;waste
;Sans question;waste
Où jeter le verre ?;Dans les conteneurs verts, jour et nuit.;waste
"""
PAGE = """<!doctype html><html lang="fr"><head><title>Ville - Piscine</title><link rel="canonical" href="https://ville.example/piscine">
<style>p { color: red }</style></head><body><nav><a href="/">Accueil</a></nav>
<main><h1>La piscine</h1><p>Ouverte de 7&nbsp;h à 21&nbsp;h.</p><h2>Tarifs</h2><ul><li>Adultes&nbsp;: 4 €</li><li>Enfants : 2 €</li></ul>
<script>alert(1)</script><form><input><button>Envoyer</button></form></main><footer>Mentions légales</footer></body></html>"""


def write(folder: Path, name: str, **fields: object) -> None:
    front = {"id": name, "title": f"About {name}", "url": f"https://city.example/{name}", "language": "en"} | fields
    lines = "\n".join(f"{key}: {json.dumps(value)}" for key, value in front.items() if key != "text")
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(f"---\n{lines}\n---\n\n{fields.get('text', f'The {name} is open.')}\n", encoding="utf-8")


def test_a_table_of_questions_becomes_articles_and_a_bad_row_is_told_with_its_field(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text(FAQ_CSV, encoding="utf-8")

    done = run.invoke(
        knowledge,
        ["import", str(tmp_path / "faq.csv"), "--to", str(tmp_path / "out"), "--language", "fr", "--url", "https://ville.example"],
    )

    assert done.exit_code == 1
    assert "line 3: no question" in done.stderr
    assert "2 articles written" in done.stdout
    read = knowledge_folder.read(tmp_path / "out")
    assert {(p.title, p.language, p.category) for p in read} == {
        ("Quand les bacs sont-ils relevés ?", "fr", "waste"),
        ("Où jeter le verre ?", "fr", "waste"),
    }


def test_a_line_that_is_no_json_and_a_file_that_is_no_utf_8_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    row = {"question": "May I fish in the pond?", "answer": "No.", "id": "pond", "url": "https://city.example/pond"}
    (tmp_path / "faq.jsonl").write_text(f"{json.dumps(row)}\n{{\n{json.dumps(row | {'id': 'lake'})}\n", encoding="utf-8")
    (tmp_path / "latin.csv").write_bytes("question;answer\nOù ?;Là.".encode("latin-1"))

    lines = run.invoke(knowledge, ["import", str(tmp_path / "faq.jsonl"), "--to", str(tmp_path / "out")])
    latin = run.invoke(knowledge, ["import", str(tmp_path / "latin.csv"), "--to", str(tmp_path / "out")])

    assert (lines.exit_code, "line 2: not a JSON object" in lines.stderr) == (1, True)
    assert {p.article_id for p in knowledge_folder.read(tmp_path / "out")} == {"pond", "lake"}
    assert (latin.exit_code, "not UTF-8" in latin.stderr) == (1, True)


def test_an_article_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    row = {"question": "May I fish in the pond?", "answer": "No.", "id": "pond", "url": "https://city.example/pond"}
    (tmp_path / "faq.jsonl").write_text(json.dumps(row), encoding="utf-8")
    command = ["import", str(tmp_path / "faq.jsonl"), "--to", str(tmp_path / "out")]
    run.invoke(knowledge, command)
    (tmp_path / "out" / "pond.md").write_text("mine", encoding="utf-8")

    again = run.invoke(knowledge, command)

    assert again.exit_code == 1
    assert (tmp_path / "out" / "pond.md").read_text(encoding="utf-8") == "mine"


def test_a_saved_page_becomes_its_main_part_without_menus_scripts_and_forms(tmp_path: Path) -> None:
    (tmp_path / "piscine.html").write_text(PAGE, encoding="utf-8")

    done = run.invoke(knowledge, ["import", str(tmp_path / "piscine.html"), "--to", str(tmp_path / "out")])

    assert done.exit_code == 0, done.output
    (first, prices) = knowledge_folder.read(tmp_path / "out")
    assert (first.title, first.language, first.url) == ("La piscine", "fr", "https://ville.example/piscine")
    assert first.text == "Ouverte de 7 h à 21 h."
    assert (prices.heading, prices.text) == ("Tarifs", "- Adultes : 4 €\n- Enfants : 2 €")


def test_a_folder_is_checked_and_what_could_be_better_is_named(tmp_path: Path) -> None:
    write(tmp_path, "pool", category="culture_sport")
    write(tmp_path, "market", category="no_such_category")
    write(tmp_path, "tax", expires="2020-01-01", category="other")

    done = run.invoke(knowledge, ["check", str(tmp_path)])

    assert done.exit_code == 0, done.output
    assert "3 articles, 3 passages in en" in done.stdout
    assert "market: category 'no_such_category' is not in the taxonomy" in done.stdout
    assert "tax: expired on 2020-01-01" in done.stdout
    assert "pool" not in done.stdout


def test_questions_are_measured_beside_plain_bm25(tmp_path: Path) -> None:
    write(tmp_path / "articles", "lamps", also_called=["broken light", "street light"], text="A lamp is repaired within 10 days.")
    write(tmp_path / "articles", "dimming", text="At night every street light is dimmed.")
    for other in ("pool", "library", "market", "bus"):
        write(tmp_path / "articles", other)
    rows = [{"text": "There is a broken street light", "language": "en", "answers": ["lamps"]}]
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    done = run.invoke(knowledge, ["evaluate", str(tmp_path / "set.jsonl"), "--dir", str(tmp_path / "articles"), "--json"])

    report = json.loads(done.stdout)["en"]
    assert report["parvis"]["first"] == 1
    assert report["plain BM25"]["first"] == 0


@pytest.mark.parametrize("line", ["{", '{"text": "Hi"}', "[]"])
def test_a_question_that_is_none_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "set.jsonl").write_text(f'{{"text": "Hi", "language": "en"}}\n{line}', encoding="utf-8")

    done = run.invoke(knowledge, ["evaluate", str(tmp_path / "set.jsonl")])

    assert "line 2" in str(done.exception)


@pytest.mark.parametrize("joint", ["\n", " ", ". "])
def test_a_long_paragraph_is_cut_into_passages_that_a_person_reads(joint: str) -> None:
    text = joint.join(f"Rule {n} says that a thing is so and not otherwise" for n in range(400))
    front = "---\nid: a\ntitle: Rules\nurl: https://city.example\nlanguage: en\n---\n\n"

    cut = articles.passages(front + text, "a.md")

    assert max(len(passage.text) for passage in cut) <= articles.LONGEST_SENTENCE
    assert "".join(" ".join(p.text for p in cut).split()) == "".join(text.split())
