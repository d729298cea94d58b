"""Support with someone on the line: a note, the timeline, back from Stripe, and an invoice on paper."""

import re

from playwright.sync_api import Page, expect


def customer(demo, email: str) -> str:
    return demo.stripe.get("/v1/customers", email=email)["data"][0]["id"]


def test_support_writes_a_note_and_deletes_it_with_a_trace(page_for, demo):
    page = page_for("support")
    page.goto(f"/console/customers/{customer(demo, 'omar@haddad.example')}/")

    page.get_by_text("Add note").click()
    page.get_by_label("For the staff").fill("Wants invoices to carry PO 7781-B.")
    page.get_by_role("button", name="Save the note").click()

    notes = page.get_by_role("region", name="Notes")
    expect(notes.get_by_text("PO 7781-B")).to_be_visible()
    expect(page.get_by_role("region", name="Timeline").get_by_text("Wrote a note")).to_be_visible()
    notes.get_by_role("link", name="change or delete").first.click()
    page.get_by_role("button", name="Delete the note").click()

    expect(notes.get_by_text("was deleted by")).to_be_visible()
    expect(page.get_by_text("PO 7781-B")).to_have_count(0)


def test_the_timeline_goes_further_back_without_leaving_the_page(page_for, ada):
    page = page_for("support")
    page.goto(f"/console/customers/{ada['id']}/")
    timeline = page.get_by_role("region", name="Timeline")
    first = timeline.get_by_role("listitem").first.inner_text()

    timeline.get_by_role("link", name="Older").press("Enter")

    expect(timeline.get_by_role("link", name="To the newest")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/customers/{ada['id']}/$"))
    timeline.get_by_role("link", name="To the newest").click()
    expect(timeline.get_by_role("listitem").first).to_have_text(re.compile(re.escape(first.splitlines()[0])))


def _go_to_stripe_and_back(page: Page, change, deed: str = "Change card, e-mail, address or credit") -> str:
    """Where it led. Stripe itself is not reached; a headless window never loses the focus, so it is told."""
    page.context.route("https://dashboard.stripe.com/**", lambda route: route.fulfill(body="Stripe"))
    page.get_by_text("Do it in Stripe").click()
    with page.expect_popup() as there:
        page.get_by_role("link", name=deed).click()
    address = there.value.url
    change()
    there.value.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    return address


def test_an_admin_comes_back_from_stripe_and_sees_what_changed(page_for, demo):
    tove = customer(demo, "tove@bergstrom.example")
    page = page_for("admin")
    page.goto(f"/console/customers/{tove}/")
    page.get_by_text("Add note").click()
    page.get_by_label("For the staff").fill("Half a sentence")

    address = _go_to_stripe_and_back(page, lambda: demo.stripe.patch(tove, name="Tove Bergström-Lind"))

    assert re.fullmatch(rf"https://dashboard\.stripe\.com/acct_\w+/test/customers/{tove}", address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Tove Bergström-Lind", timeout=20_000)
    expect(page.get_by_label("For the staff")).to_have_value("Half a sentence")  # nothing that was typed is lost


def test_support_comes_back_and_the_webhook_draws_the_page_anew(page_for, demo):
    omar = customer(demo, "omar@haddad.example")
    page = page_for("support")
    page.goto(f"/console/customers/{omar}/")

    _go_to_stripe_and_back(page, lambda: None)
    expect(page.get_by_text("as soon as Stripe tells us of it")).to_be_visible()
    demo.stripe.patch(omar, event="customer.updated", phone="+49 30 5550 4711")

    expect(page.get_by_text("+49 30 5550 4711")).to_be_visible(timeout=20_000)


def test_support_refunds_a_payment_in_stripe_and_sees_it_when_they_come_back(page_for, demo):
    paid = (it for it in demo.stripe.get("/v1/charges", limit=100)["data"] if it["paid"] and it["payment_intent"])
    charge = next(it for it in paid if not it["amount_refunded"] and not it["disputed"])
    page = page_for("support")
    page.goto(f"/console/payments/{charge['payment_intent']}/")
    refunded = {"amount_refunded": charge["amount"], "refunded": True}

    address = _go_to_stripe_and_back(
        page, lambda: demo.stripe.patch(charge["id"], event="charge.refunded", **refunded), "Refund it"
    )

    assert address.endswith(f"/test/payments/{charge['payment_intent']}")
    expect(page.locator(".pd-head").get_by_text("Refunded")).to_be_visible(timeout=20_000)


def test_an_invoice_on_paper_is_the_invoice_alone(page_for, demo, pictures):
    page = page_for("finance")
    invoice = demo.stripe.get("/v1/invoices", customer=customer(demo, "ada@analytical.example"))["data"][0]
    page.goto(f"/console/invoices/{invoice['id']}/")
    page.evaluate("Alpine.$data(document.documentElement).switchTheme('light')")

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^Total"))).to_be_visible()
    for name in ("Do it in Stripe", "Add note", "As it was on…"):
        expect(page.get_by_text(name)).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    expect(page.get_by_text(re.compile(r"^As of \d"))).to_be_visible()
    page.screenshot(path=pictures / "invoice-print.png", full_page=True)


def test_a_customer_on_paper_is_what_is_known_of_them(page_for, demo, pictures):
    page = page_for("support")
    page.goto(f"/console/customers/{customer(demo, 'ada@analytical.example')}/")
    page.evaluate("Alpine.$data(document.documentElement).switchTheme('light')")

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for name in ("Subscriptions", "Invoices", "Payment methods", "Timeline"):
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
    for name in ("Do it in Stripe", "Add note", "As it was on…", "Older"):
        expect(page.get_by_text(name)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    distance = page.locator("time.pd-ago").first
    assert distance.evaluate("it => getComputedStyle(it, '::after').content") == f'"{distance.get_attribute("title")}"'
    page.screenshot(path=pictures / "customer-print.png", full_page=True)
