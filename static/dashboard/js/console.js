"use strict";
(() => {
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const element = event.target.closest?.(selector);
      if (element) act(element, event);
    });

  // The viewer's zone; pages show times in it from the next request on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`paydesk_zone=${zone}`)) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `paydesk_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }

  on("click", "[data-copy]", async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const icon = button.querySelector(".pd-ico");
    icon.textContent = "check";
    setTimeout(() => { icon.textContent = "content_copy"; }, 1200);
  });
  on("click", "[data-dialog]", (button, event) => {
    event.preventDefault(); // a link leads to the same question on a page of its own
    document.getElementById(button.dataset.dialog).showModal();
  });
  on("click", "[data-close]", (button) => button.closest("dialog").close());
  on("change", "[data-submit-on-change]", (field) => field.form.requestSubmit());
  on("click", "[data-open-all]", (button) => {
    const branches = document.getElementById(button.dataset.openAll).querySelectorAll("details");
    const open = [...branches].some((branch) => !branch.open);
    branches.forEach((branch) => { branch.open = open; });
  });
  // Rows of a list: one box for all of the page, which says whether all, some or none are ticked.
  const boxesOf = (form) => [...document.querySelectorAll(`input[form="${form.id}"].pd-choose`)];
  on("change", "[data-choose-all], .pd-choose", (changed) => {
    const boxes = boxesOf(changed.form);
    if (changed.matches("[data-choose-all]")) boxes.forEach((box) => { box.checked = changed.checked; });
    const ticked = boxes.filter((box) => box.checked).length;
    document.querySelectorAll(`input[form="${changed.form.id}"][data-choose-all]`).forEach((all) => {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    });
    const count = changed.form.querySelector("[data-chosen-count]");
    count.value = `${ticked} ${count.dataset.chosenCount}`;
  });
  // A panel over a list closes as a menu does: by Escape, back to its button, or by a click beside it.
  const close = (panel, focus) => { panel.open = false; if (focus) panel.querySelector("summary").focus(); };
  document.addEventListener("keydown", (event) => {
    const panel = event.key === "Escape" && document.querySelector("details.pd-filters[open]");
    if (panel) close(panel, panel.contains(event.target));
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.pd-filters[open]").forEach((each) => { if (!each.contains(event.target)) close(each); });
  });
  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.metaKey && !event.ctrlKey && !event.altKey
      && !event.target.closest("input, textarea, select, [contenteditable]");
    const controlK = event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey;
    if (!slash && !controlK) return;
    const search = document.getElementById("pd-find");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // Back from a link to Stripe: the page asks what is new of what it shows.
  let toStripe = false;
  on("click", "[data-to-stripe]", () => { toStripe = true; });
  const back = () => {
    if (!toStripe || document.visibilityState !== "visible") return;
    toStripe = false;
    document.getElementById("came-back")?.dispatchEvent(new CustomEvent("paydesk:back"));
  };
  window.addEventListener("focus", back);
  document.addEventListener("visibilitychange", back);

  // A part that is drawn anew takes the focus along with what had it: it goes to what stands in its place.
  const named = (element) => {
    for (const name of ["href", "data-copy", "aria-label", "data-dialog"]) {
      const value = element.getAttribute(name);
      if (value !== null) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
    }
    return element.localName;
  };
  const placeOf = (element) => {
    const around = element?.closest("[id]");
    if (!around || around === element) return null; // htmx keeps what has an id of its own
    const selector = named(element);
    return { id: around.id, selector, nth: [...around.querySelectorAll(selector)].indexOf(element) };
  };
  let focused = null;

  document.addEventListener("DOMContentLoaded", () => {
    document.body.addEventListener("htmx:beforeSwap", () => { focused = placeOf(document.activeElement); });
    document.body.addEventListener("htmx:afterSettle", () => {
      if (focused && document.activeElement === document.body) {
        document.getElementById(focused.id)?.querySelectorAll(focused.selector)[focused.nth]?.focus({ preventScroll: true });
      }
    });
    // A part that asks for itself after the session has ended would be filled with the log-in page.
    document.body.addEventListener("htmx:beforeSwap", (event) => {
      if (!new URL(event.detail.xhr.responseURL || location.href).pathname.endsWith("/login/")) return;
      event.detail.shouldSwap = false;
      location.reload();
    });
  });
})();
