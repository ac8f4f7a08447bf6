// A click on a card opens the image in a large view, where arrow keys, buttons and swipes step through the
// ranking, also beyond the part that is behind it, and Escape closes. `view` in the URL is the rank shown:
// Back closes the view, and a link with it opens it. Without this script, or with a modifier key, a card
// is a plain link to the image page.

import { showPart } from "./grid.js";
import { showFacts } from "./image-facts.js";
import { hasModifier, isModifiedClick } from "./keys.js";
import { data } from "./operating-points.js";
import { onSwipe } from "./swipe.js";

const dialog = document.querySelector("[data-large-view]");
const image = dialog.querySelector("img");
const thresholdField = document.querySelector("[data-threshold-field]");
const cardLink = ".card > a[data-image]";
const urlDelay = 200; // Milliseconds between steps after which the URL follows; browsers limit its rate.
let rank = 0; // Of the image shown.
let openedAt = 0;
let part = partOf(location.href);
let isMoving = false;
let urlTimer = 0;

const linkOf = (wanted) => document.querySelector(`.card[data-rank="${wanted}"] > a[data-image]`);
const rankOf = (link) => Number(link.parentElement.dataset.rank);

// The URL of a part with the large view of a rank, or without any.
function urlOf(wanted, href = location.href) {
  const url = new URL(href);
  if (wanted) url.searchParams.set("view", wanted);
  else url.searchParams.delete("view");
  return url.href;
}

// What says in a URL which images are shown behind the large view.
function partOf(href) {
  const { searchParams } = new URL(href);
  for (const name of ["view", "threshold", "curves"]) searchParams.delete(name);
  searchParams.sort();
  return searchParams.toString();
}

// One image ---------------------------------------------------------------------------------------------

function originalOf(link) {
  const path = link.dataset.image.split("/").map(encodeURIComponent).join("/");
  return `${dialog.dataset.originals}${path}?v=${link.dataset.version}`;
}

function showImage(link) {
  // Show the thumbnail until the original has loaded; one far below may not have loaded yet.
  const thumbnail = link.querySelector("img");
  image.src = thumbnail.currentSrc || thumbnail.src;
  const original = new Image();
  original.onload = () => {
    if (rankOf(link) === rank) image.src = original.src;
  };
  original.src = originalOf(link);
  image.alt = thumbnail.alt;
}

function show(link) {
  rank = rankOf(link);
  showImage(link);
  dialog.querySelector("[data-caption]").replaceChildren(
    ...[".card-line", ".card-labels"].map((name) => link.querySelector(name).cloneNode(true)),
  );
  dialog.querySelector("[data-page]").href = link.href;
  for (const button of dialog.querySelectorAll("[data-step]")) {
    const by = Number(button.dataset.step);
    button.disabled = !neighbourOf(link, by) && !pagerOf(link, by);
  }
  // A button loses the focus when it is disabled; keep it in the dialog, so that keys still work.
  if (document.activeElement.disabled) dialog.focus();
  const near = navigator.connection?.saveData ? [] : [1, -1].map((by) => neighbourOf(link, by)).filter(Boolean);
  for (const neighbour of near) new Image().src = originalOf(neighbour);
  showFacts(link, near);
}

function open(link) {
  show(link);
  if (dialog.open) return;
  openedAt = rank;
  dialog.showModal();
  dialog.focus(); // Rather than its first button, which Space or Enter would press.
}

// Steps ---------------------------------------------------------------------------------------------------

// The next or previous image of the same grid.
function neighbourOf(link, by) {
  const links = [...link.closest(".grid").querySelectorAll(cardLink)];
  return links[links.indexOf(link) + by];
}

// The link to the next or previous part, unless only unreadable images are there.
function pagerOf(link, by) {
  const pager = link.closest("section").querySelector(`a[rel=${by > 0 ? "next" : "prev"}]`);
  return pager && new URL(pager.href).searchParams.get("from") > data.readable ? null : pager;
}

async function stepToPart(pager, by) {
  if (isMoving) return;
  isMoving = true;
  const { href } = pager;
  const isShown = await showPart(href);
  isMoving = false;
  if (!isShown) return;
  part = partOf(href);
  const links = [...document.querySelectorAll(cardLink)];
  // Parts may overlap at the ends of the ranking.
  const link = by > 0 ? links.find((it) => rankOf(it) > rank) : links.findLast((it) => rankOf(it) < rank);
  clearTimeout(urlTimer);
  history.replaceState(history.state, "", urlOf(rankOf(link), href));
  show(link);
}

function step(by) {
  const link = linkOf(rank);
  const next = neighbourOf(link, by);
  const pager = pagerOf(link, by);
  if (!next && pager) stepToPart(pager, by);
  if (!next || isMoving) return;
  show(next);
  clearTimeout(urlTimer);
  urlTimer = setTimeout(keepUrl, urlDelay);
}

function keepUrl() {
  clearTimeout(urlTimer);
  history.replaceState(history.state, "", urlOf(rank));
}

for (const button of dialog.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => step(Number(button.dataset.step)));
}
onSwipe(dialog.querySelector("figure"), step);
dialog.querySelector("[data-page]").addEventListener("click", keepUrl); // To come back to this image.

dialog.addEventListener("keydown", (event) => {
  if (hasModifier(event)) return;
  if (event.key === "ArrowRight" || event.key === "j") step(1);
  if (event.key === "ArrowLeft" || event.key === "k") step(-1);
});

// Opening, closing and history ------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = event.target.closest(cardLink);
  if (!link || isModifiedClick(event)) return;
  event.preventDefault();
  history.pushState({ below: urlOf() }, "", urlOf(rankOf(link)));
  open(link);
});

dialog.querySelector("[data-stage]").addEventListener("click", (event) => {
  if (event.target === event.currentTarget) dialog.close(); // Beside the image.
});

dialog.addEventListener("close", () => {
  clearTimeout(urlTimer);
  if (isMoving) showPart(location.href); // Instead of the other part.
  const { searchParams } = new URL(location.href);
  if (searchParams.has("view")) leaveUrl();
  // The server marked the card of a link to the large view.
  for (const card of document.querySelectorAll(".card[aria-current]")) {
    if (card.dataset.rank !== searchParams.get("around")) card.removeAttribute("aria-current");
  }
  (linkOf(rank) ?? linkOf(openedAt))?.focus();
});

// After closing, Back does not lead to the same view again, and Forward reopens it.
function leaveUrl() {
  if (history.state?.below === urlOf()) history.back();
  else history.replaceState(null, "", urlOf());
}

addEventListener("popstate", async () => {
  clearTimeout(urlTimer);
  const { searchParams } = new URL(location.href);
  // The threshold was moved at another entry of the history.
  if (Number(searchParams.get("threshold") ?? 0.5) !== Number(thresholdField.value)) return location.reload();
  if (partOf(location.href) !== part && !(await showPart(location.href))) return;
  part = partOf(location.href);
  const link = linkOf(searchParams.get("view"));
  if (link) open(link);
  else dialog.close();
});

const atLoad = linkOf(new URL(location.href).searchParams.get("view"));
if (atLoad) open(atLoad);
