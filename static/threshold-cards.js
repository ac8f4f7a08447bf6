// The parts of the cards that follow the threshold: their outcomes, and a mark in the gap before the first
// card below it, to which the links marked `data-to-threshold` lead.

import { isModifiedClick } from "./keys.js";
import { data } from "./operating-points.js";

const mark = document.querySelector("[data-mark]").content.firstElementChild.cloneNode(true);
let cards = [];

// The only outcome that is shown, if there is a filter on it.
export const outcomeShown = () => new URLSearchParams(location.search).get("outcome");

// Finds the cards of another part of the ranking.
export function findCards() {
  cards = [...document.querySelectorAll(".card[data-truth]")].map((element) => ({
    element,
    score: Math.fround(element.dataset.score),
    truth: element.dataset.truth,
    mark: element.querySelector(".mark"),
    label: element.querySelector("[data-outcome]"),
    outcome: element.querySelector("[data-outcome]").textContent,
  }));
  document.querySelector(".card > [data-threshold-mark]")?.remove(); // The script has its own.
}

function outcomeOf(card, threshold) {
  if (card.truth !== "present" && card.truth !== "absent") return "";
  const present = card.truth === "present";
  return card.score > threshold ? (present ? "TP" : "FP") : present ? "FN" : "TN";
}

function updateCard(card, outcome) {
  const verdict = outcome[0] === "T" ? "correct" : "incorrect";
  card.outcome = outcome;
  card.label.textContent = outcome;
  card.element.classList.toggle("card-correct", verdict === "correct");
  card.element.classList.toggle("card-incorrect", verdict === "incorrect");
  card.mark.className = `mark mark-${verdict}`;
  card.mark.querySelector(".visually-hidden").textContent = verdict;
}

// The first card below the threshold, if the one before it is above.
function firstBelow(threshold) {
  const at = cards.findIndex(
    (card, index) => card.score <= threshold && cards[index - 1]?.score > threshold,
  );
  const before = cards[at]?.element.previousElementSibling;
  return before && before === cards[at - 1].element ? cards[at].element : null;
}

export function showInCards(threshold) {
  const only = outcomeShown();
  for (const card of cards) {
    const outcome = outcomeOf(card, threshold);
    if (outcome !== card.outcome) updateCard(card, outcome);
    card.element.classList.toggle("left-out", Boolean(only) && outcome !== only);
  }
  const below = firstBelow(threshold);
  mark.querySelector("strong").textContent = threshold;
  if (!below) mark.remove();
  else if (mark.parentElement !== below) below.prepend(mark);
}

// The links to the first rank below the threshold, or the last one.
export function showInLinks(ranksAbove) {
  for (const link of document.querySelectorAll("[data-to-threshold]")) {
    const url = new URL(link.href);
    url.searchParams.set("around", Math.min(ranksAbove + 1, data.images));
    link.href = url;
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-to-threshold]");
  if (!link || isModifiedClick(event)) return;
  const rank = new URL(link.href).searchParams.get("around");
  const target = (mark.parentElement ?? document.querySelector(`.card[data-rank="${rank}"]`))?.querySelector("a");
  if (!target) return; // It is not among the cards shown: the link opens the ranking there.
  event.preventDefault();
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
});

findCards();
