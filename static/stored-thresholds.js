// The thresholds set in this browser, per class of a run and its scores.

const { run, scoresDigest } = document.querySelector("main").dataset;
const key = `thresholds of ${run}, scores ${scoresDigest}`;

export function readThresholds() {
  try {
    const stored = Object.entries(JSON.parse(localStorage.getItem(key)) ?? {});
    return new Map(stored.filter(([, value]) => typeof value === "number" && value >= 0 && value <= 1));
  } catch {
    return new Map();
  }
}

export function writeThresholds(thresholds) {
  try {
    localStorage.setItem(key, JSON.stringify(Object.fromEntries(thresholds)));
  } catch {
    // Without storage, the threshold is still in the URL.
  }
}
