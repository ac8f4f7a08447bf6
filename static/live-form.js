// A form whose result appears while the user types: the parts of the page that depend on it are
// fetched and replaced. Without this script, the form is submitted.

const form = document.querySelector("[data-live-form]");
const parts = () => [...document.querySelectorAll("[data-live-part]")];
const waitMs = 200;
let timer = 0;
let pending = new AbortController();

function addressOf() {
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value !== "") url.searchParams.set(name, value);
  return url;
}

async function refresh() {
  pending.abort();
  pending = new AbortController();
  const url = addressOf();
  try {
    const response = await fetch(url, { signal: pending.signal });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = [...page.querySelectorAll("[data-live-part]")];
    parts().forEach((part, at) => part.replaceWith(fresh[at]));
    history.replaceState(history.state, "", url);
    document.dispatchEvent(new Event("livechange"));
  } catch {
    // Replaced by a later request, or offline: the page stays as it is.
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  if (form.checkValidity()) timer = setTimeout(refresh, waitMs);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  if (form.reportValidity()) refresh();
});
