"""Somebody's way from a question to its answer, with what it took: clicks, keys, and the seconds that they waited."""

import re
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

PEOPLE = {
    "support": "Support, with someone on the line",
    "finance": "Finance, at month’s end",
    "admin": "Admin, when something looks wrong",
}
# What the browser measured of each page, from the click to the last that it drew, and of what a page fetched for itself
# right after something was clicked or typed. It adds up over the pages of a journey.
WATCH = """(() => {
    const deeds = [];
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => deeds.push(performance.now()), true);
    window.secondsOfThisPage = () => {
        const [page] = performance.getEntriesByType("navigation");
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        const drawn = Math.max(page.loadEventEnd || performance.now(), paint ? paint.startTime : 0);
        const fetched = performance.getEntriesByType("resource")
            .filter((it) => it.initiatorType === "xmlhttprequest" || it.initiatorType === "fetch")
            .filter((it) => deeds.some((at) => it.startTime >= at && it.startTime - at < 500));
        return (drawn + fetched.reduce((sum, it) => sum + it.duration, 0)) / 1000;
    };
    addEventListener("pagehide", () => {
        sessionStorage.journey = Number(sessionStorage.journey || 0) + secondsOfThisPage();
    });
})()"""
# Without icons, which are letters of a font.
PLAIN = """it => {
    const icons = [...it.querySelectorAll("[aria-hidden=true], .pd-sr, .pd-narrow")];
    const shown = icons.map((each) => each.style.display);
    icons.forEach((each) => { each.style.display = "none"; });
    const rows = [...(it.matches("tr") ? [it] : it.querySelectorAll("tbody tr, tfoot tr"))];
    const cells = rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()).filter(Boolean).join(" · "));
    const onOneLine = (text) => text.replace(/\\s+/g, " ");
    const text = rows.length ? cells.map(onOneLine).join("\\n") : onOneLine(it.innerText);
    icons.forEach((each, at) => { each.style.display = shown[at]; });
    return text;
}"""
# Inside of what scrolls, where it would be cut off outside.
OUTLINE = """it => {
    it.style.outline = "3px solid #d97706";
    it.style.outlineOffset = it.closest(".pd-scroll") ? "-3px" : "4px";
    it.style.borderRadius = "4px";
}"""


def plain(what: Locator) -> str:
    """What is written there, on one line; of a table a line a row."""
    text = what.evaluate(PLAIN).strip()
    return re.sub(r"(?<=\.\d\d)(?=[A-Z]{3}\b)", " ", text)  # the space before a currency is the style's


class Taken(NamedTuple):
    """A journey that came to its answer. `name`: of its picture. `way`: its steps, in Markdown.

    `answer`: of a table a line a row.
    """

    who: str
    question: str
    name: str
    way: str
    answer: str
    clicks: int
    keys: int
    seconds: float


class Journey:
    """In front of the overview, where each begins; from there on by what is on the page alone."""

    def __init__(self, page: Page, who: str, question: str) -> None:
        self.page, self.who, self.question = page, who, question
        self.clicks = self.keys = 0
        self._way: list[str] = []
        page.add_init_script(WATCH)
        page.goto("/console/")
        page.wait_for_load_state("load")
        page.evaluate("sessionStorage.journey = -secondsOfThisPage()")  # the first page was there already

    def search(self, words: str) -> None:
        """In the box on top of every page, without the mouse."""
        self.page.keyboard.press("/")
        self.page.keyboard.type(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.keys += len(words) + 2
        self._way.append(f"`/` `{words}` `⏎`")

    def click(self, what: Locator, name: str = "") -> None:
        """`name`: what people call it, where that is not what is written on it."""
        name = name or plain(what)
        what.click()
        self.clicks += 1
        self._way.append(f"**{name}**")

    def open(self, name: str) -> None:
        """By its name at the side of every page."""
        self.click(self.page.locator("nav, aside").locator("a:visible").filter(has_text=name).first, name)

    def type(self, words: str, *, enter: bool = False) -> None:
        """Where the cursor is."""
        self.page.keyboard.type(words)
        self.keys += len(words) + enter
        if enter:
            self.page.keyboard.press("Enter")
        self._way.append(f"`{words}`" + (" `⏎`" if enter else ""))

    def end(self, name: str, answer: Locator, picture: Path, *also: Locator) -> Taken:
        """With the answer in sight, outlined in the picture; `also`: what else is part of it."""
        for each in (answer, *also):
            expect(each).to_be_visible()
        seconds = self.page.evaluate("Number(sessionStorage.journey) + secondsOfThisPage()")
        said = "\n".join(plain(each) for each in (answer, *also))
        for each in (answer, *also):
            each.evaluate(OUTLINE)
        box = answer.bounding_box()
        if box and box["y"] + box["height"] > self.page.viewport_size["height"]:
            answer.evaluate("it => it.scrollIntoView({ block: 'center' })")
        self.page.mouse.move(0, 0)
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        self.page.screenshot(path=picture, animations="disabled")
        way = ", ".join(self._way)
        return Taken(self.who, self.question, name, way, said, self.clicks, self.keys, round(seconds, 1))
