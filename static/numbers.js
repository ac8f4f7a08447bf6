// How numbers are written, as the server writes them (voc_web/formats.py).

export const count = (value) => value.toLocaleString("en");

// Three decimals: of two equally near ones the even, where toFixed goes up. A half of the third
// decimal is only ever exact in sixteenths.
export function fraction(value) {
  if (!Number.isFinite(value)) return "–";
  const even = Number.isInteger(value * 16) && (value * 1000) % 2 === 0.5;
  return (even ? value - 0.0005 : value).toFixed(3);
}
