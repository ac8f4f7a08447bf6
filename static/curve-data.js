// The curves of a chart: their points, and the values at each. Points are fractions of the drawing.

import { clamp, count, fraction } from "./numbers.js";

// The points of a line. Path coordinates are relative to the last point.
function pointsOf(line, length, units) {
  const numbers = (line.getAttribute("d") ?? "").match(/-?\d+/g) ?? [];
  let [x, y] = [0, 0];
  return Array.from({ length }, (_, at) => {
    x += Number(numbers[2 * at]);
    y += Number(numbers[2 * at + 1]);
    return { x: x / units, y: y / units };
  });
}

function classCurve(data, at, line, units) {
  const column = (name) => data[name][at];
  const threshold = column("threshold");
  const share = (point) => {
    const present = column("present")[point];
    return present / (present + column("absent")[point]);
  };
  return {
    index: Number(line.dataset.line),
    name: data.names[at],
    note: data.notes[at],
    line,
    points: pointsOf(line, threshold.length, units),
    height: share,
    threshold: (point) => threshold[point],
    rank: (point) => column("rank")[point],
    // As text, per key of the readout.
    values: (point) => ({
      recall: fraction(column("present")[point] / data.images[at]),
      precision: fraction(share(point)),
      threshold: threshold[point].toPrecision(4),
      above: count(column("present")[point] + column("absent")[point]),
      rank: count(column("rank")[point]),
    }),
  };
}

function meanCurve({ name, note, texts }, line, units) {
  return {
    name,
    note,
    line,
    points: pointsOf(line, texts.precision.length, units),
    height: (point) => Number(texts.precision[point]),
    values: (point) => Object.fromEntries(Object.entries(texts).map(([key, values]) => [key, values[point]])),
  };
}

// The mean and the curves of the classes in a chart.
export function readCurves(chart) {
  const data = JSON.parse(chart.querySelector("[data-chart-data]").textContent);
  const units = chart.querySelector("[data-lines]").viewBox.baseVal.width;
  const lines = [...chart.querySelectorAll("[data-line]")];
  return {
    mean: meanCurve(data.mean, chart.querySelector(".mean-line"), units),
    classes: lines.map((line, at) => classCurve(data, at, line, units)),
  };
}

// The value of a curve at a place on the x-axis, read off its line; NaN beside its ends.
export function heightAt({ points, height }, x) {
  const next = points.findIndex((point) => point.x >= x);
  if (next < 0 || (next === 0 && points[0].x > x)) return NaN;
  if (next === 0) return height(0);
  const [from, to] = [points[next - 1].x, points[next].x];
  const share = (x - from) / (to - from);
  return height(next - 1) + share * (height(next) - height(next - 1));
}

// The distance in pixels from (x, y) to the line through points in a box of this size.
export function distanceTo(points, x, y, width, height) {
  let nearest = Infinity;
  for (let at = 0; at < points.length; at += 1) {
    const from = points[Math.max(at - 1, 0)];
    const [left, top] = [from.x * width, from.y * height];
    const [across, down] = [points[at].x * width - left, points[at].y * height - top];
    const along = ((x - left) * across + (y - top) * down) / (across ** 2 + down ** 2 || 1);
    const share = clamp(along, 0, 1);
    nearest = Math.min(nearest, Math.hypot(x - left - share * across, y - top - share * down));
  }
  return nearest;
}
