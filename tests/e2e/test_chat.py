"""The chat page in a real browser against the real service."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, ViewportSize, expect, sync_playwright

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
QUESTION = "Welchen Zuschuss gibt es je Seminartag der Digitallotsen-Basisqualifizierung?"
FOLLOW_UP = "Und in welchem Jahr war das?"
FIRST_ROUND = "Wie viele Projekte wurden in der ersten Runde von Future Communities gefördert?"
EXPIRED = "Kann ich mich noch bei Future Communities bewerben?"
WEATHER = "Wie wird das Wetter morgen?"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def viewport(request: pytest.FixtureRequest) -> ViewportSize:
    size: ViewportSize = request.param
    return size


@pytest.fixture
def problems() -> list[str]:
    """What the page reported to the console or wanted from other hosts."""
    return []


@pytest.fixture
def page(browser: Browser, viewport: ViewportSize, address: str, problems: list[str]) -> Iterator[Page]:
    """The chat page, ready to be asked; afterwards nothing may have gone to the console or to another host."""
    context = browser.new_context(
        viewport=viewport, locale="de-DE", reduced_motion="reduce", has_touch=viewport is PHONE
    )
    opened = context.new_page()

    def heard(line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            problems.append(line.text)

    def requested(request: Request) -> None:
        if not request.url.startswith((f"{address}/", "data:")):
            problems.append(f"leaves: {request.url}")

    opened.on("console", heard)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", requested)
    opened.goto(address)
    expect(opened.get_by_test_id("example-question").first).to_be_visible()
    yield opened
    context.close()
    assert problems == []


def ask(page: Page, question: str) -> Locator:
    """Type and send a question; return its finished answer."""
    answers = page.get_by_test_id("answer")
    number = answers.count()
    page.get_by_test_id("question-input").fill(question)
    page.get_by_test_id("send").click()
    answer = answers.nth(number)
    expect(answer).to_have_attribute("data-outcome", re.compile("."), timeout=30_000)
    return answer


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def assert_no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def has_focus(locator: Locator) -> bool:
    return bool(locator.evaluate("node => node === document.activeElement"))


def test_answer_shows_statements_each_with_a_citation(page: Page) -> None:
    answer = ask(page, QUESTION)
    expect(answer).to_have_attribute("data-outcome", "answered")
    statements = answer.get_by_test_id("statement")
    expect(statements.filter(has_text="100 Euro")).not_to_have_count(0)
    for statement in statements.all():
        expect(statement.get_by_test_id("citation-button")).not_to_have_count(0)
    expect(answer.get_by_test_id("source-item")).to_have_count(answer.get_by_test_id("citation-button").count())
    expect(answer.get_by_test_id("source-item").first).to_contain_text("Stand")
    expect(answer.get_by_test_id("status-line")).to_have_count(0)
    expect(page.get_by_test_id("question-input")).to_have_value("")
    assert_no_sideways_scrolling(page)


def test_citation_opens_the_quoted_sentence_and_escape_gives_the_focus_back(page: Page) -> None:
    answer = ask(page, QUESTION)
    for statement in answer.get_by_test_id("statement").all():
        said = statement.locator(".statement-text").inner_text()
        opener = statement.get_by_test_id("citation-button").first
        opener.click()
        quote = page.get_by_test_id("panel").get_by_test_id("panel-quote")
        expect(quote.first).to_be_visible()
        quoted = [part.inner_text() for part in quote.all()]
        assert all(part.strip() and part in said for part in quoted), (quoted, said)
        links = page.get_by_test_id("panel-source-link")
        assert all(str(link.get_attribute("href")).startswith("https://") for link in links.all())
        expect(links).not_to_have_count(0)
        assert_no_sideways_scrolling(page)
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("panel")).to_be_hidden()
        expect(opener).to_be_focused()


def test_close_button_gives_the_focus_back(page: Page) -> None:
    opener = ask(page, QUESTION).get_by_test_id("citation-button").first
    opener.click()
    page.get_by_test_id("panel-close").click()
    expect(page.get_by_test_id("panel")).to_be_hidden()
    expect(opener).to_be_focused()


def test_whole_way_works_with_the_keyboard_alone(page: Page) -> None:
    page.get_by_test_id("question-input").focus()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    answer = page.get_by_test_id("answer")
    expect(answer).to_have_attribute("data-outcome", "answered", timeout=30_000)
    opener = answer.get_by_test_id("citation-button").first
    for _ in range(60):
        if has_focus(opener):
            break
        page.keyboard.press("Shift+Tab")
    assert has_focus(opener), "the citation can be reached with the tab key"
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("panel-quote").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_unanswerable_question_gets_words_but_no_statement(page: Page) -> None:
    answer = ask(page, WEATHER)
    expect(answer).to_have_attribute("data-outcome", re.compile("unanswerable|out_of_scope"))
    expect(answer.get_by_test_id("statement")).to_have_count(0)
    expect(answer.get_by_test_id("citation-button")).to_have_count(0)
    assert len(answer.inner_text()) > 50
    assert_accessible(page)


def test_expired_programme_is_marked(page: Page) -> None:
    answer = ask(page, EXPIRED)
    notice = answer.get_by_test_id("notice").and_(page.locator("[data-kind=expired]"))
    expect(notice.first).to_be_visible()
    expect(notice.first).to_contain_text(re.compile("ausgelaufen|abgelaufen|beendet|vorbei"))
    assert_accessible(page)


def test_follow_up_and_new_conversation(page: Page) -> None:
    ask(page, FIRST_ROUND)
    with page.expect_request("**/api/v1/answers") as sent:
        answer = ask(page, FOLLOW_UP)
    assert "conversation_id" in (sent.value.post_data or "")
    expect(answer).to_have_attribute("data-outcome", "answered")
    expect(answer).to_contain_text("Future Communities")
    page.get_by_test_id("new-conversation").click()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    with page.expect_request("**/api/v1/answers") as sent:
        ask(page, FOLLOW_UP)
    assert "conversation_id" not in (sent.value.post_data or "")


def test_example_question_asks_itself(page: Page) -> None:
    example = page.get_by_test_id("example-question").first
    question = example.inner_text()
    example.click()
    answer = page.get_by_test_id("answer")
    expect(answer).to_have_attribute("data-outcome", re.compile("."), timeout=30_000)
    expect(page.get_by_role("heading", name=question, exact=True)).to_be_visible()


def test_markup_in_a_question_stays_text(page: Page) -> None:
    question = "<img src=x onerror=alert(1)> <b>Zuschuss</b> für Digitallotsen?"
    ask(page, question)
    expect(page.get_by_role("heading", name=question, exact=True)).to_be_visible()
    expect(page.locator("#log img")).to_have_count(0)


def test_lost_connection_is_said_and_the_question_can_be_sent_again(page: Page, problems: list[str]) -> None:
    page.route("**/api/v1/answers", lambda route: route.abort())
    page.get_by_test_id("question-input").fill(QUESTION)
    with page.expect_console_message(lambda line: line.type == "error"):
        page.get_by_test_id("send").click()
    expect(page.get_by_test_id("error")).to_be_visible()
    # The browser itself reports the lost request, once; nothing else may come.
    assert [problem for problem in problems if "net::ERR_FAILED" not in problem] == []
    problems.clear()
    assert_accessible(page)
    page.unroute("**/api/v1/answers")
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("answer")).to_have_attribute("data-outcome", "answered", timeout=30_000)


def test_english_page(page: Page) -> None:
    page.get_by_test_id("language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    answer = ask(page, "What does the state pay per seminar day of the Digitallotsen Basisqualifizierung?")
    expect(answer.get_by_test_id("statement").first).to_contain_text("100 Euro")
    assert_accessible(page)


def test_page_is_accessible_before_after_and_with_the_panel_open(page: Page) -> None:
    assert_accessible(page)
    answer = ask(page, QUESTION)
    assert_accessible(page)
    answer.get_by_test_id("citation-button").first.click()
    expect(page.get_by_test_id("panel-quote").first).to_be_visible()
    assert_accessible(page)
