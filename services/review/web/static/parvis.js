// What scripts add: times stay true, a form is sent once. `autosave.js` keeps the text being written, `live.js` shows what changed.
// Every page is complete without. All words come from the page itself.
"use strict";

// Times in words; the exact one on hover stays that of the page, in the zone that the reader has chosen.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const steps = [[86400, "day"], [3600, "hour"], [60, "minute"]];

function showTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const at = new Date(time.dateTime);
    const seconds = (at - Date.now()) / 1000;
    const step = steps.find(([size]) => Math.abs(seconds) >= size);
    if (step) time.textContent = relative.format(Math.trunc(seconds / step[0]), step[1]);
  }
}
showTimes();
setInterval(showTimes, 30000);

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A field that goes with another form, so that without scripts no word of it is lost: Enter presses the button that it stands by.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("input[form]")) return;
  const button = event.target.closest("form")?.querySelector("button");
  if (button) {
    event.preventDefault();
    button.click();
  }
});

// How long an approval can still be recalled.
for (const timer of document.querySelectorAll("[data-until]")) {
  const until = new Date(timer.dataset.until);
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left > 0) {
      timer.querySelector("[data-seconds]").textContent = left;
      setTimeout(tick, 250);
    } else {
      timer.textContent = timer.dataset.over;
      const undo = timer.closest("[data-undo]")?.querySelector("button");
      if (undo) {
        // Whoever has not gone on yet must not press what does nothing any more.
        if (document.activeElement === undo) document.getElementById("main").focus({ preventScroll: true });
        undo.hidden = true;
      }
    }
  };
  tick();
}

document.getElementById("problem")?.focus();

// An image that can't be shown is answered with why; without this its words stand on the page that it opens alone.
for (const image of document.querySelectorAll("img[data-says-why]")) {
  image.addEventListener("error", async () => {
    const answer = await fetch(image.src, { headers: { Accept: "application/problem+json" } }).catch(() => null);
    const problem = await answer?.json().catch(() => null);
    if (!problem?.detail) return;
    image.hidden = true;
    image.nextElementSibling.hidden = false;
    image.nextElementSibling.textContent = problem.detail;
  });
}

// What rises shows by itself in a queue that is open. What is under the pointer or has the focus stays.
const rising = document.querySelector("[data-rising]");
async function showRising() {
  if (document.hidden || rising.matches(":hover, :focus-within")) return;
  const answer = await fetch(rising.dataset.rising, { redirect: "error" }).catch(() => null);
  const words = answer?.ok ? await answer.text() : null;
  if (words !== null && words.trim() !== rising.dataset.words) rising.innerHTML = rising.dataset.words = words.trim();
}
if (rising) setInterval(showRising, 20000);
