// Number formats, the same as in voc_web/formats.py, and what else scripts do with numbers.

export const count = (value) => value.toLocaleString("en");

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export const indexOfLeast = (values) => values.indexOf(Math.min(...values));

// Formats with three decimals and rounds half to even, as Python does; toFixed rounds half up. Only
// multiples of 1/16 can be exactly halfway between two values with three decimals.
export function fraction(value) {
  if (!Number.isFinite(value)) return "–";
  const even = Number.isInteger(value * 16) && (value * 1000) % 2 === 0.5;
  return (even ? value - 0.0005 : value).toFixed(3);
}
