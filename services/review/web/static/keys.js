// One key for what a button or link does, as its `aria-keyshortcuts` names it. All words come from the page; without this script all of
// it is pressed as ever. A key does nothing while somebody types, with a modifier, while it is held down, or in a dialog.
"use strict";

(() => {
  // A key that decides must have been pressed after its case could be seen: a second press meant the case before.
  const UNSEEN = 600;
  const wanted = document.body.dataset.keysWanted;
  if (!wanted) return;
  const tooSoon = document.querySelector("[data-too-soon]");
  let seenSince = Infinity;

  function waitUntilSeen() {
    seenSince = Infinity;
    delete document.body.dataset.settled;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      seenSince = performance.now();
      setTimeout(() => { document.body.dataset.settled = ""; }, UNSEEN);
    }));
  }
  waitUntilSeen();
  addEventListener("pageshow", (event) => { if (event.persisted) waitUntilSeen(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) waitUntilSeen(); });
  const unseen = (event) => event.timeStamp - seenSince < UNSEEN;

  const types = (element) => element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])");
  const shown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
  const named = (key, within = document) =>
    [...within.querySelectorAll("[aria-keyshortcuts]")].filter((e) => e.getAttribute("aria-keyshortcuts").split(" ").includes(key) && !e.disabled && shown(e));
  // What stands in an opened part goes before what opens it.
  const pick = (elements) => elements.find((element) => !element.matches("summary")) ?? elements[0];
  const opened = (element) => element?.closest("details[data-keyed][open]");

  function open(summary) {
    const part = summary.parentElement;
    part.open = true;
    part.scrollIntoView({ block: "nearest" });
    // Never on what an Enter that was meant for something else would send: a button, or a box to tick.
    [...part.querySelectorAll("[tabindex], input:not([type=hidden]), select, textarea, a[href]")].find(shown)?.focus();
  }

  function press(element, event) {
    if (element.matches("summary")) return open(element);
    if ("decides" in element.dataset) {
      const sending = [...document.forms].some((form) => form.dataset.sent);
      if (event.repeat || sending) return;
      if (unseen(event)) {
        if (tooSoon) tooSoon.hidden = false;
        return;
      }
    }
    if (element.matches("input:not([type=checkbox])")) return element.focus();
    const dialog = element.dataset.dialog && document.getElementById(element.dataset.dialog);
    if (dialog) return dialog.showModal();
    element.click();
  }

  function leave(event) {
    const here = document.activeElement;
    if (types(here)) return here.blur();
    const part = opened(here);
    if (part) {
      part.open = false;
      return part.querySelector("summary").focus();
    }
    const back = pick(named("Escape"));
    if (back && !event.repeat) press(back, event);
  }

  function walk(by) {
    const rows = [...document.querySelectorAll("[data-rows] .s a")];
    const at = rows.indexOf(document.activeElement);
    (rows[at + by] ?? (at < 0 ? rows[0] : null))?.focus();
    return rows.length > 0;
  }

  function act(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const { key } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const approve = event.target.closest?.("form.writing")?.querySelector("[data-approves]");
      if (!approve) return;
      event.preventDefault();
      return press(approve, event);
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (key === "Escape") {
      event.preventDefault();
      return leave(event);
    }
    if (document.body.dataset.keys !== "on" || key.length !== 1 || types(event.target) || event.target.isContentEditable) return;
    if (tooSoon) tooSoon.hidden = true;
    if (event.repeat && !"njpk".includes(key)) return;
    const pressed = key.toLowerCase();
    if (event.shiftKey && pressed !== key) return;
    const part = opened(document.activeElement);
    const digit = /^[1-9]$/.test(pressed);
    const target = digit ? pick(named(pressed, part ?? document.querySelector("[data-digits]") ?? document.body)) : pick(named(pressed));
    if (digit && part && !part.contains(target ?? null)) return;
    if (target) {
      if (event.repeat) return;
      event.preventDefault();
      return press(target, event);
    }
    if (("nj".includes(pressed) && walk(1)) || ("pk".includes(pressed) && walk(-1))) event.preventDefault();
  }
  document.addEventListener("keydown", act);

  // After a decision the next case has its buttons where the last one had them: the second half of a double click meant the case before.
  if (document.getElementById("just-decided")) {
    document.addEventListener("click", (event) => {
      if (!event.target.closest("[data-decides]") || !unseen(event)) return;
      event.preventDefault();
      event.stopPropagation();
      if (tooSoon) tooSoon.hidden = false;
    }, true);
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  });

  document.body.dataset.keys = wanted;
  // Back from a case: on with its row. The browser takes the focus away as it goes to the place that the address names, so after that.
  addEventListener("load", () => requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const place = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    if (place?.closest("[data-rows]")) place.querySelector(".s a")?.focus();
    else if (place?.matches("input")) place.focus();
  }));
})();
