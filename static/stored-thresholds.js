// The thresholds set in this browser, per class of a run.

const keyOf = (run) => `thresholds of ${run}`;

export function readThresholds(run) {
  try {
    const stored = Object.entries(JSON.parse(localStorage.getItem(keyOf(run))) ?? {});
    return new Map(stored.filter(([, value]) => value >= 0 && value <= 1));
  } catch {
    return new Map();
  }
}

export function writeThresholds(run, thresholds) {
  try {
    localStorage.setItem(keyOf(run), JSON.stringify(Object.fromEntries(thresholds)));
  } catch {
    // Without storage, the threshold is still in the URL.
  }
}
