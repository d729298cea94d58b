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
  on("click", "[data-dialog]", (button) => document.getElementById(button.dataset.dialog).showModal());
  on("click", "[data-close]", (button) => button.closest("dialog").close());
  on("change", "[data-submit-on-change]", (field) => field.form.requestSubmit());
  on("click", "[data-open-all]", (button) => {
    const branches = document.getElementById(button.dataset.openAll).querySelectorAll("details");
    const open = [...branches].some((branch) => !branch.open);
    branches.forEach((branch) => { branch.open = open; });
  });
  on("click", ".pd-seg [data-view]", (button) => {
    button.closest(".pd-chart").dataset.view = button.dataset.view;
    for (const other of button.parentNode.children) other.setAttribute("aria-pressed", String(other === button));
    draw();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const search = document.getElementById("pd-find");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // Charts: the server sends data and which token colours it; colours are read here, so a change of theme redraws.
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  function styled(trace, page) {
    const colour = token(`--pd-c${trace.meta?.k ?? 1}`);
    if (trace.type === "bar") return { ...trace, marker: { color: colour, line: { width: 1, color: page } } };
    return { ...trace, line: { color: colour, width: 2, dash: trace.meta?.dash ?? "solid" } };
  }
  function draw() {
    if (!window.Plotly) return;
    const mute = token("--pd-mute"), line = token("--pd-line"), ink = token("--pd-ink"), page = token("--pd-bg");
    const axis = {
      gridcolor: line, zerolinecolor: mute, linecolor: line, tickfont: { color: mute, size: 11 },
      automargin: true, fixedrange: true, ticks: "",
    };
    for (const plot of document.querySelectorAll("[data-figure]")) {
      if (!plot.offsetParent) continue;
      const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
      const layout = {
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, barmode: "relative", bargap: 0.38,
        font: { family: "Inter, sans-serif", size: 11, color: mute }, margin: { l: 8, r: 8, t: 8, b: 8 },
        hovermode: "x", hoverlabel: { bgcolor: page, bordercolor: line, font: { color: ink, size: 12 } },
        ...figure.layout,
        xaxis: { ...axis, showgrid: false, type: "category", ...figure.layout?.xaxis },
        yaxis: { ...axis, nticks: 5, ...figure.layout?.yaxis },
      };
      const traces = figure.data.map((trace) => styled(trace, page));
      window.Plotly.react(plot, traces, layout, { responsive: true, displayModeBar: false });
      if (!plot.dataset.wired) {
        plot.dataset.wired = "yes";
        plot.on("plotly_click", (event) => {
          const address = event.points[0]?.customdata;
          if (address) location.assign(address);
        });
      }
    }
    document.documentElement.dataset.plots = "ready";
  }
  document.addEventListener("DOMContentLoaded", () => {
    draw();
    new MutationObserver(() => requestAnimationFrame(draw)).observe(document.documentElement, {
      attributes: true, attributeFilter: ["class"],
    });
    document.body.addEventListener("htmx:afterSettle", draw);
    // A part that asks for itself after the session has ended would be filled with the log-in page.
    document.body.addEventListener("htmx:beforeSwap", (event) => {
      if (!new URL(event.detail.xhr.responseURL || location.href).pathname.endsWith("/login/")) return;
      event.detail.shouldSwap = false;
      location.reload();
    });
  });
})();
