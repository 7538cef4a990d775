// Ticks of the queue: Shift-click takes all between, and how many are ticked is said. Without scripts each is ticked by itself.
"use strict";

let anchor = null;

function sayTicked() {
  const said = document.querySelector("[data-ticked]");
  const count = document.querySelectorAll("[data-tick]:checked").length;
  if (said) said.textContent = count ? said.dataset.tickedWords.replace("{count}", count) : "";
}

document.addEventListener("click", (event) => {
  const tick = event.target.closest?.("[data-tick]");
  if (!tick) return;
  const ticks = [...document.querySelectorAll("[data-tick]")];
  if (event.shiftKey && anchor?.isConnected) {
    const [from, to] = [ticks.indexOf(anchor), ticks.indexOf(tick)].sort((one, other) => one - other);
    for (const between of ticks.slice(from, to + 1)) between.checked = tick.checked;
  }
  anchor = tick;
  sayTicked();
});
document.addEventListener("parvis:list", sayTicked);
addEventListener("pageshow", sayTicked);
