from __future__ import annotations

from bot.catalog.problems import CatalogError, Document, Problem


def test_a_problem_reads_as_file_line_field_and_message() -> None:
    problem = Problem("runbooks/x.yaml", 12, ("steps", 0, "do"), "'x' is unknown")

    assert str(problem) == "runbooks/x.yaml:12: steps[0].do: 'x' is unknown"


def test_what_is_missing_is_shown_at_the_nearest_thing_around_it() -> None:
    document = Document("x.yaml", {}, {(): 1, ("verify",): 7})

    assert document.problem(("verify", "success"), "is missing").line == 7


def test_problems_are_told_in_the_order_of_files_and_lines() -> None:
    problems = [Problem("b", 1, (), "z"), Problem("a", 9, (), "y"), Problem("a", 2, (), "x")]

    assert str(CatalogError(problems)) == "a:2: x\na:9: y\nb:1: z"
