"""Every page: nothing that keeps a reader out in either theme, no scrolling sideways on a phone, and a picture of it.

That no page makes the browser's console complain is seen to by `conftest.Complaints`.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Demo, log_in

axe = Axe()
IN_FULL = os.environ.get("PAYDESK_TEST_FULL") == "1"
EVERY_RULE: dict[str, Any] = {"resultTypes": ["violations"]}
# Nothing else differs from one theme to the other.
COLOURS = EVERY_RULE | {"runOnly": ["color-contrast", "link-in-text-block"]}
MORE_OF_THE_SAME = {"exclude": [["tbody tr:nth-child(n+9)"], ["ol li:nth-child(n+9)"]]}

# Name: who looks at it ("" for a stranger) and what. In braces: see `known`.
PAGES = {
    "login": ("", "login/"),
    "overview": ("finance", ""),
    "customers": ("admin", "customers/"),
    "customers-filtered": ("finance", "customers/?status=past_due&colour=red"),
    "customer": ("admin", "customers/{ada}/"),
    "customer-past-due": ("admin", "customers/{nadia}/"),
    "customer-right-to-left": ("support", "customers/{omar}/"),
    "customer-as-it-was": ("support", "customers/{nadia}/?as-of="),
    "note": ("admin", "notes/{note}/"),
    "subscriptions": ("admin", "subscriptions/"),
    "subscription": ("admin", "subscriptions/{subscription}/"),
    "invoices": ("admin", "invoices/"),
    "invoice": ("admin", "invoices/{invoice}/"),
    "invoice-past-due": ("finance", "invoices/{late_invoice}/"),
    "webhooks": ("admin", "webhooks/"),
    "delivery": ("admin", "webhooks/{delivery}/"),
    "delivery-without-payload": ("support", "webhooks/{delivery}/"),
    "webhooks-narrowed": ("admin", "webhooks/?type=customer.*&q={omar}"),
    "replay-question": ("admin", "webhooks/replays/?event={delivery}"),
    "replay": ("support", "webhooks/replays/{replay}/"),
    "sync-health": ("admin", "sync-health/"),
    "sync-health-week": ("support", "sync-health/?days=7"),
    "resyncs": ("admin", "resyncs/"),
    "resyncs-without-the-right": ("support", "resyncs/"),
    "resync-plan": ("admin", "resyncs/plan/?target=all"),
    "resync-plan-refused": ("admin", "resyncs/plan/?target=ids&ids=nonsense"),
    "resync": ("admin", "resyncs/{run}/"),
    "reconcile": ("admin", "reconcile/"),
    "comparison-plan": ("admin", "reconcile/plan/?target=invoice"),
    "comparison": ("admin", "reconcile/{comparison}/"),
    "comparison-to-read": ("support", "reconcile/{comparison}/"),
    "go": ("admin", "go/?q=an"),
    "go-none": ("support", "go/?q=nobody+has+this"),
    "go-unknown-id": ("admin", "go/?q=cus_unknown0000001"),
    "nothing-is-here": ("support", "customers/cus_unknown0000001/"),
    "not-allowed": ("support", "auth/user/"),
    "payments": ("admin", "payments/"),
    "payments-failed": ("finance", "payments/?status=failed"),
    "payment-failed": ("support", "payments/{failed_payment}/"),
    "payment-disputed": ("admin", "payments/{disputed_payment}/"),
    "refunds": ("finance", "refunds/"),
    "disputes": ("support", "disputes/"),
    "disputes-all-answered": ("support", "disputes/?status=needs_response&currency=kwd"),
    "dispute": ("admin", "disputes/{dispute}/"),
    "credit-notes": ("finance", "credit-notes/"),
    "receivables": ("finance", "receivables/"),
    "receivables-bucket": ("support", "receivables/?currency=usd&age=open"),
    "exports": ("finance", "exports/"),
    "payouts": ("finance", "paydesk/payout/"),
    "balance-transactions": ("finance", "paydesk/balancetransaction/"),
    "tax-rates": ("finance", "paydesk/taxrate/"),
    "promotion-codes": ("finance", "paydesk/promotioncode/"),
    "products": ("admin", "products/"),
    "product": ("support", "products/{product}/"),
    "discounts": ("admin", "discounts/"),
    "discount": ("finance", "discounts/{coupon}/"),
    "audit": ("admin", "audit/"),
    "users": ("admin", "auth/user/"),
    "user": ("admin", "auth/user/1/change/"),
    "user-new": ("admin", "auth/user/add/"),
    "groups": ("admin", "auth/group/"),
    "own-password": ("admin", "password_change/"),
}


# Between them they have every tone and every part; in full each page is looked at in the dark.
IN_THE_DARK = {
    *(
        "login",
        "overview",
        "customers",
        "customer-past-due",
        "subscription",
        "invoice-past-due",
        "webhooks",
        "delivery",
    ),
    *("resync", "comparison", "payment-disputed", "receivables", "sync-health", "go", "audit", "user"),
}


@pytest.fixture(scope="session")
def known(demo: Demo, browser: Browser, browser_context_args: dict[str, Any], ada: dict[str, Any]) -> dict[str, str]:
    """The ids of what is looked at, among them a delivery and a run with differences."""

    def of(address: str, path: str = "customers", **parameters: str) -> str:
        customer = demo.stripe.get("/v1/customers", email=address)["data"][0]["id"]
        return customer if path == "customers" else demo.stripe.get(f"/v1/{path}", customer=customer)["data"][0]["id"]

    ids = {
        "ada": ada["id"],
        "nadia": of("nadia@rahman.example"),
        "omar": of("omar@haddad.example"),
        "subscription": of("ada@analytical.example", "subscriptions"),
        "invoice": of("ada@analytical.example", "invoices"),
        "failed_payment": of("nadia@rahman.example", "payment_intents"),
        "dispute": (dispute := demo.stripe.get("/v1/disputes")["data"][0])["id"],
        "disputed_payment": dispute["payment_intent"],
        "late_invoice": of("accounts@brass.example", "invoices"),
        "product": demo.stripe.get("/v1/products")["data"][0]["id"],
        "coupon": demo.stripe.get("/v1/coupons")["data"][0]["id"],
    }
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    log_in(page, "admin")
    demo.stripe.patch(ids["nadia"], name="Nadia Rahman-Chowdhury", phone="+1 202 555 0143")
    page.goto(f"/console/customers/{ids['nadia']}/")
    page.get_by_role("button", name="Resync").click()
    page.get_by_label("Reason").fill("Ticket 48213: the new name is missing")
    page.get_by_role("dialog").get_by_role("button", name="Resync").click()
    page.get_by_text("Complete").wait_for()
    ids["run"] = page.url.rstrip("/").split("/")[-1]
    page.goto(f"/console/customers/{ids['nadia']}/")
    page.get_by_text("Add note").click()
    page.get_by_label("For the staff").fill(
        "Pays by hand at month’s end, see ticket 48213.\nPlease do not cancel before."
    )
    page.get_by_role("button", name="Save the note").click()
    ids["note"] = page.get_by_role("link", name="change or delete").first.get_attribute("href").split("/")[-2]
    tove = of("tove@bergstrom.example")
    demo.stripe.patch(tove, phone="+49 30 5550 1187", balance=-1500, metadata={"crm": "0061x00000B"})
    page.goto(f"/console/customers/{tove}/")
    page.get_by_role("button", name="Compare with Stripe").click()
    page.get_by_role("button", name="Compare again").wait_for()
    ids["comparison"] = page.url.rstrip("/").split("/")[-1]
    demo.stripe.patch(ids["omar"], event="customer.updated", description="Asked for a yearly plan, see ticket 48219")
    newest = page.locator("#deliveries tbody tr").first
    for _ in range(50):
        page.goto(f"/console/webhooks/?q={ids['omar']}")
        if newest.is_visible() and "Processed" in newest.inner_text():
            break
        page.wait_for_timeout(100)
    ids["delivery"] = newest.locator("th a").get_attribute("href").split("/")[-2]
    page.goto(f"/console/webhooks/replays/?event={ids['delivery']}")
    page.get_by_role("button", name="Process again").click()
    page.locator("h1 + .pd-badge", has_text="Complete").wait_for()
    ids["replay"] = page.url.rstrip("/").split("/")[-1]
    context.close()
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    log_in(page, "finance")
    page.goto("/console/invoices/?status=paid&export=xlsx")
    page.get_by_role("link", name="Download").first.wait_for(timeout=60_000)
    context.close()
    return ids


@pytest.mark.guarantee("D3")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_in_both_themes_and_on_a_phone(page_for, complaints, known, pictures, name):
    role, path = PAGES[name]
    complaints.expected.append(r"status of 40[34] .*(unknown0000001|auth/user)")
    page = page_for(role)
    page.goto(f"/console/{path.format(**known)}")
    _settle(page)

    found = _look_at(page, name, "light", EVERY_RULE, pictures)
    if IN_FULL or name in IN_THE_DARK:
        _switch_to(page, "dark")
        found += _look_at(page, name, "dark", COLOURS, pictures)
    page.set_viewport_size({"width": 390, "height": 844})
    _switch_to(page, "light")
    found += _sideways(page)
    _picture(page, name, "light-390", pictures)

    assert found == [], "\n".join(found)


def _settle(page: Page) -> None:
    """Fonts are there, charts are drawn, Alpine has dressed the page."""
    page.evaluate("document.fonts.ready")
    page.wait_for_function("!document.querySelector('html[x-cloak]')")
    page.wait_for_function("!document.querySelector('[data-figure]') || document.documentElement.dataset.plots")


def _switch_to(page: Page, theme: str) -> None:
    """As Unfold's own switch does."""
    page.evaluate(f"Alpine.$data(document.documentElement).switchTheme('{theme}')")
    page.wait_for_function(f"document.documentElement.classList.contains('{theme}')")


def _look_at(page: Page, name: str, theme: str, rules: dict[str, Any], pictures: Path) -> list[str]:
    _picture(page, name, theme, pictures)
    answer = axe.run(page, context=MORE_OF_THE_SAME, options=rules).response
    return [
        f"{theme}, {violation['impact']} {violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ] + [f"{theme} {line}" for line in _sideways(page)]


def _picture(page: Page, name: str, theme: str, pictures: Path) -> None:
    if not IN_FULL:  # they are for people to look at, and take longer than what is looked at here
        return
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.screenshot(path=pictures / f"{name}-{theme}.png", full_page=True, animations="disabled")


def _sideways(page: Page) -> list[str]:
    """What makes the document wider than the window."""
    return page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            const over = [...document.querySelectorAll('body *')].filter((it) => {
                const box = it.getBoundingClientRect();
                return box.width && box.right > width + 1;
            });
            return over.slice(-3).map((it) => `${width} px: wider than the window: ${it.outerHTML.slice(0, 200)}`)
                .concat(`${width} px: the document is ${document.documentElement.scrollWidth} px wide`);
        }"""
    )
