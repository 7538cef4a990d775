// A canned reply is found by its title and put where one writes. All words come from the page; without this script a button loads it anew.
"use strict";

for (const picker of document.querySelectorAll("[data-canned]")) {
  const select = picker.querySelector("select");
  if (!select) continue;
  const editor = document.getElementById("body");
  const filter = picker.querySelector("input[type=search]");
  const status = picker.querySelector("[data-said]");
  const button = picker.querySelector("button[formaction]");
  const choices = [...select.querySelectorAll("option")].filter((option) => option.value);
  const groups = [...select.querySelectorAll("optgroup")].map((group) => [group, [...group.children]]);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let written = false; // who has not been in the text yet goes on at its end

  const say = (words) => { status.textContent = words; };

  function show() {
    const wanted = plain(filter.value).split(/\s+/).filter(Boolean);
    const fits = (option) => wanted.every((word) => plain(option.textContent).includes(word));
    for (const [group, options] of groups) {
      group.replaceChildren(...options.filter(fits));
      if (group.childElementCount) select.append(group);
      else group.remove();
    }
    const first = select.querySelector("optgroup option");
    select.value = first?.value ?? "";
    say(first ? "" : status.dataset.none);
  }

  function put(text) {
    const { value } = editor;
    const atEnd = !written;
    const start = atEnd ? value.trimEnd().length : editor.selectionStart;
    const end = atEnd ? value.length : editor.selectionEnd;
    editor.focus();
    editor.setSelectionRange(start, end);
    const words = atEnd && start ? `\n\n${text}` : text;
    // The browser's own way of typing keeps its undo; where there is none, the text is set.
    if (!document.execCommand("insertText", false, words)) {
      editor.setRangeText(words, start, end, "end");
      editor.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  async function insert() {
    if (!choices.some((option) => option.value === select.value)) return;
    button.disabled = true;
    try {
      const answer = await fetch(picker.dataset.canned + select.value, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { text, unknown, other_language: otherLanguage } = await answer.json();
      put(text);
      filter.value = ""; // the next one is looked for among all
      show();
      const remarks = otherLanguage ? [status.dataset.otherLanguage] : [];
      if (unknown.length) remarks.push(`${status.dataset.gaps} ${unknown.join(", ")}`);
      say([status.dataset.inserted, ...remarks].join(" "));
    } catch {
      say(status.dataset.failed);
    }
    button.disabled = false;
  }

  editor.addEventListener("focus", () => { written = true; });
  filter.closest("[hidden]").hidden = false;
  filter.addEventListener("input", show);
  for (const field of [filter, select]) {
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && field === filter) {
        event.preventDefault();
        select.focus();
      }
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      insert();
    });
  }
  button.addEventListener("click", (event) => {
    event.preventDefault();
    insert();
  });
  // With a list of several rows in sight the arrows go through it; the empty choice is for who has no script.
  select.size = Math.min(8, Math.max(2, choices.length + groups.length));
  select.querySelector('option[value=""]')?.remove();
  select.value = choices[0]?.value ?? "";
}
