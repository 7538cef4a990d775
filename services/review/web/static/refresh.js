// Keeps a part of a page as the server has it now: it is fetched again every few seconds while somebody can see it.

"use strict";

const EVERY = 5000; // milliseconds
const refreshed = document.querySelector("[data-refreshes]");

async function refresh() {
  if (document.hidden || refreshed.contains(document.activeElement)) return; // who is about to press something is not disturbed
  const answer = await fetch(refreshed.dataset.refreshes, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById(refreshed.id);
  if (now && !refreshed.contains(document.activeElement)) refreshed.replaceChildren(...now.childNodes);
}

if (refreshed) setInterval(() => refresh().catch(() => {}), EVERY);
