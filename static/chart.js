// Draws the page's Plotly figure in the colours of the page; rows of a table highlight its curves.

const chart = document.querySelector("[data-chart]");
const figure = JSON.parse(document.querySelector("[data-figure]").textContent);
const mean = figure.data.length - 1; // The last trace is the mean over classes.
const dark = matchMedia("(prefers-color-scheme: dark)");

const probe = document.body.appendChild(document.createElement("span"));
probe.hidden = true;

// A token's text is `light-dark(...)`; only where it is used does it become one colour.
function token(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function layout() {
  const { fontFamily: family } = getComputedStyle(document.body);
  const axis = {
    gridcolor: token("--line"),
    zerolinecolor: token("--line"),
    linecolor: token("--line"),
    automargin: true,
  };
  return {
    ...figure.layout,
    xaxis: { ...axis, ...figure.layout.xaxis },
    yaxis: { ...axis, ...figure.layout.yaxis },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family, size: 13, color: token("--muted") },
    hoverlabel: { bgcolor: token("--surface"), bordercolor: token("--line"), align: "left",
      font: { color: token("--ink"), family } },
    margin: { l: 56, r: 12, t: 8, b: 48 },
    uirevision: "kept", // A change of theme keeps the zoom.
  };
}

// All classes are drawn quietly; the mean and the class pointed at stand out.
function colours(highlighted) {
  return figure.data.map((_, index) => {
    if (index === highlighted) return token("--wrong");
    return index === mean ? token("--accent") : token("--curve");
  });
}

function paint(highlighted) {
  const widths = figure.data.map((trace, index) => (index === highlighted ? 3 : trace.line.width));
  Plotly.restyle(chart, { "line.color": colours(highlighted), "line.width": widths });
}

function draw() {
  const shades = colours();
  const data = figure.data.map((trace, index) => ({
    ...trace,
    line: { ...trace.line, color: shades[index] },
  }));
  Plotly.react(chart, data, layout(), { responsive: true, displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
}

draw();
dark.addEventListener("change", draw);
document.addEventListener("themechange", draw);
chart.on("plotly_hover", (event) => paint(event.points[0].curveNumber));
chart.on("plotly_unhover", () => paint());
for (const row of document.querySelectorAll("[data-highlights] [data-trace]")) {
  for (const [type, trace] of [["pointerenter", Number(row.dataset.trace)], ["focusin", Number(row.dataset.trace)], ["pointerleave", undefined], ["focusout", undefined]]) {
    row.addEventListener(type, () => paint(trace));
  }
}
