"""A change that Stripe announces is on the page within seconds, and nobody asked for it."""

from playwright.sync_api import expect


def test_a_change_that_stripe_announces_appears_by_itself(page_for, demo):
    customer = demo.stripe.get("/v1/customers", email="books@oldmill.example")["data"][0]
    webhooks, page = page_for("support"), page_for("support")
    webhooks.goto("/console/webhooks/")
    page.goto(f"/console/customers/{customer['id']}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("The Old Mill")

    demo.stripe.patch(customer["id"], event="customer.updated", name="The New Mill")

    # The list asks for itself every five seconds.
    newest = webhooks.locator("#deliveries tbody tr").first
    expect(newest).to_contain_text("The New Mill", timeout=12_000)
    expect(newest).to_contain_text("customer.updated")
    expect(newest.locator(".pd-badge")).to_have_text("Processed", timeout=12_000)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("The New Mill")
    expect(page.locator(".pd-line li").first).to_contain_text("Customer")
