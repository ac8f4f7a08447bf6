// Fetches a page of this site and parses it; a failure is a page, too.

export async function fetchPage(url, options) {
  const response = await fetch(url, options);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { page, isOk: response.ok };
}
