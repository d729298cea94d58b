"use strict";
// Charts: the server sends data and which token colours it; colours are read here, so a change of theme redraws.
(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function styled(trace, page) {
    const colour = token(`--pd-c${trace.meta?.k ?? 1}`);
    if (trace.type === "bar") {
      return {
        ...trace, marker: { ...trace.marker, color: colour, line: { width: 1, color: page } },
        textfont: { color: token(`--pd-${trace.meta?.ink ?? "mute"}`) },
      };
    }
    const area = trace.meta?.area ? { fill: "tozeroy", fillcolor: `${colour}1f` } : {};
    return {
      ...trace, ...area, line: { color: colour, width: 2, dash: trace.meta?.dash ?? "solid" },
      marker: { color: colour, size: 6 },
    };
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

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".pd-seg [data-view]");
    if (!button) return;
    button.closest(".pd-chart").dataset.view = button.dataset.view;
    for (const other of button.parentNode.children) other.setAttribute("aria-pressed", String(other === button));
    draw();
  });
  document.addEventListener("DOMContentLoaded", () => {
    draw();
    new MutationObserver(() => requestAnimationFrame(draw)).observe(document.documentElement, {
      attributes: true, attributeFilter: ["class"],
    });
  });
})();
