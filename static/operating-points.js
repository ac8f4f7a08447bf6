// The operating points of a class by descending score: where the threshold can be, and what is above
// it. The index -1 stands for a threshold with no images above it.

export const data = JSON.parse(document.querySelector("[data-instrument-data]").textContent);
// JSON has nine digits per score, which identify a float32; compare those, as the server does.
export const scores = data.score.map(Math.fround);

// The first index at which the test fails; it passes for all indices before.
function bisect(length, passes) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The last point above a threshold.
export const pointAbove = (threshold) => bisect(scores.length, (at) => scores[at] > threshold) - 1;

// The number of images down to a point, difficult and unlabelled ones included.
const rankAt = (point) =>
  point < 0 ? 0 : data.count[point] + data.ignored[point] + data.unknown[point];

// The last point at or above a rank, and the first one at or below it.
export const pointAtRank = (rank) => bisect(scores.length, (at) => rankAt(at) <= rank) - 1;
export const pointOfRank = (rank) => bisect(scores.length, (at) => rankAt(at) < rank);

// The number of images down to a point, by label.
export function countsAt(point) {
  if (point < 0) return { present: 0, absent: 0, difficult: 0, not_labelled: 0 };
  const present = data.truePositives[point];
  return {
    present,
    absent: data.count[point] - present,
    difficult: data.ignored[point],
    not_labelled: data.unknown[point], // Named as in the API, whose counts are shown in the same way.
  };
}

// The shortest threshold that selects exactly the images down to a point.
export const thresholdOf = (point) => (point < 0 ? 1 : data.threshold[point]);

// The point of highest recall with at least this precision, in a tie the one of highest precision;
// -1 if there is none.
export function pointOfPrecision(precision) {
  let point = scores.length - 1;
  // The first points may select only difficult images, and then they have no precision.
  while (point >= 0 && !(data.truePositives[point] / data.count[point] >= precision)) point -= 1;
  while (point > 0 && data.truePositives[point - 1] === data.truePositives[point]) point -= 1;
  return point;
}
