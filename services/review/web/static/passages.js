// A sentence of the draft and the passage that it rests on are shown together, from either side, and a failed check at its place.
// The marks stand on a copy of the text behind the editor, which also makes the editor as tall as its text. All words come from the page.
"use strict";

for (const editor of document.querySelectorAll("[data-editor]")) {
  const text = editor.querySelector("textarea");
  const behind = editor.querySelector("[data-behind]");
  const resting = document.querySelector("[data-rests-on]");
  const marks = [...behind.querySelectorAll("mark")];
  const said = new Map(marks.map((mark) => [mark, mark.textContent]));
  let places = [];

  // Only what still stands there word for word stays marked: what somebody changed rests on nothing by itself.
  function draw() {
    const written = text.value;
    let done = 0;
    places = [];
    behind.replaceChildren();
    for (const mark of marks) {
      const start = written.indexOf(said.get(mark), done);
      if (start < 0) continue;
      behind.append(written.slice(done, start), mark);
      done = start + said.get(mark).length;
      places.push({ mark, start, end: done });
    }
    behind.append(`${written.slice(done)}\n `);
  }

  function light(lit) {
    const ids = new Set(lit.flatMap((mark) => (mark.dataset.passages ?? "").split(" ")));
    for (const mark of marks) mark.classList.toggle("lit", lit.includes(mark));
    const passages = [...document.querySelectorAll("[data-sentences]")];
    for (const passage of passages) passage.classList.toggle("lit", ids.has(passage.id));
    const first = passages.find((passage) => ids.has(passage.id));
    resting.hidden = !first;
    if (!first) return;
    resting.querySelector("[data-title]").textContent = first.closest("li").querySelector("[data-passage-title]").textContent;
    resting.querySelector("q").textContent = first.textContent;
  }

  const standing = (id) => places.find(({ mark }) => mark.id === id);

  function show(id) {
    const place = standing(id);
    if (!place) return false;
    text.focus({ preventScroll: true });
    text.setSelectionRange(place.start, place.end);
    place.mark.scrollIntoView({ block: "nearest" });
    light([place.mark]);
    return true;
  }

  const selected = () => {
    if (document.activeElement !== text) return;
    const { selectionStart: from, selectionEnd: to } = text;
    light(places.filter(({ start, end }) => start <= to && from <= end).map(({ mark }) => mark).slice(0, from === to ? 1 : undefined));
  };
  text.addEventListener("input", () => { draw(); selected(); });
  document.addEventListener("selectionchange", selected);
  for (const name of ["click", "keyup", "select"]) text.addEventListener(name, selected);

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#sentence-"]');
    if (link && [link.hash.slice(1), ...(link.dataset.sentences ?? "").split(" ")].some(show)) event.preventDefault();
  });
  for (const name of ["mouseover", "focusin"]) {
    document.addEventListener(name, (event) => {
      const passage = event.target.closest?.("[data-sentences]");
      if (passage) light(passage.dataset.sentences.split(" ").map(standing).filter(Boolean).map(({ mark }) => mark));
    });
  }
  draw();
}

// Printed, a letter is whole: what is folded is opened for the time of it.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll(".message details:not([open]), .sources details:not([open])")];
  for (const part of folded) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of folded) part.open = false;
});

// The note beneath says whether a person changed the draft: it follows what is written.
for (const note of document.querySelectorAll("[data-reply-note]")) {
  const text = note.closest("form")?.querySelector("textarea[name=body]");
  const plain = (words) => words.replace(/\r\n?/g, "\n").trim();
  text?.addEventListener("input", () => {
    const changed = plain(text.value) !== plain(note.dataset.drafted);
    note.querySelector("[data-as-drafted]").hidden = changed;
    note.querySelector("[data-if-changed]").hidden = !changed;
  });
}
