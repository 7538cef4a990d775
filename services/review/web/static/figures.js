// Sums, dates, deadlines and rights of the reply, marked where they stand while somebody writes: the ones that nothing published says first.
// The server reads them, as it does when the reply is approved; what was ticked stays ticked, and the focus stays where it is.
"use strict";

for (const box of document.querySelectorAll("[data-figures]")) {
  const form = box.closest("form");
  const text = form.querySelector("textarea[name=body]");
  const behind = form.querySelector("[data-behind]");
  const line = box.querySelector("[data-figure-line]");
  const parts = Object.fromEntries(["open", "sourced"].map((name) => [name, box.querySelector(`[data-figures-${name}]`)]));
  const next = box.querySelector("[data-next-figure]");
  let figures = JSON.parse(box.dataset.figures);
  let asked = 0;
  let waiting;

  const pattern = (words) => new RegExp(`(?<![\\p{L}\\p{N}])${words.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/ /g, "\\s+")}(?![\\p{L}\\p{N}])`, "giu");

  // Where a stretch of the text stands in the copy behind the editor, whatever other marks cut that into pieces.
  function ranges(words) {
    const nodes = [];
    const walker = document.createTreeWalker(behind, NodeFilter.SHOW_TEXT);
    let length = 0;
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, start: length });
      length += walker.currentNode.length;
    }
    const at = (place) => {
      const { node, start } = nodes.findLast((piece) => piece.start <= place);
      return [node, Math.min(place - start, node.length)];
    };
    return [...behind.textContent.matchAll(pattern(words))].map((match) => {
      const range = new Range();
      range.setStart(...at(match.index));
      range.setEnd(...at(match.index + match[0].length));
      return range;
    });
  }

  function mark(current) {
    if (!CSS.highlights) return;
    const of = (some) => new Highlight(...some.flatMap(({ text: words }) => ranges(words)));
    CSS.highlights.set("figure-sourced", of(figures.filter(({ source }) => source)));
    CSS.highlights.set("figure-open", of(figures.filter(({ source }) => !source)));
    CSS.highlights.set("figure-current", of(current ? [current] : []));
  }

  function list() {
    const ticked = new Set([...box.querySelectorAll("input:checked")].map((input) => input.value));
    const here = box.contains(document.activeElement) ? document.activeElement.value : null;
    const open = figures.filter(({ source }) => !source);
    const sourced = figures.filter(({ source }) => source);
    parts.open.querySelector("[data-lines]").replaceChildren(...open.map((figure) => {
      const copy = line.content.cloneNode(true);
      copy.querySelector("input").value = figure.id;
      copy.querySelector("input").checked = ticked.has(figure.id);
      copy.querySelector("strong").textContent = figure.text;
      copy.querySelector("q").textContent = figure.around;
      return copy;
    }));
    parts.sourced.querySelector("[data-lines]").replaceChildren(...sourced.map((figure) => {
      const item = document.createElement("li");
      const [words, title] = [document.createElement("strong"), document.createElement("span")];
      [words.dir, title.dir, title.className] = ["auto", "auto", "soft"];
      [words.textContent, title.textContent] = [figure.text, figure.source === "template" ? parts.sourced.dataset.template : figure.title];
      item.append(words, " ", title);
      return item;
    }));
    parts.sourced.querySelector("[data-number]").textContent = sourced.length;
    parts.open.hidden = !open.length;
    parts.sourced.hidden = !sourced.length;
    box.hidden = !figures.length;
    if (here) [...box.querySelectorAll("input")].find((input) => input.value === here)?.focus();
  }

  async function ask() {
    const mine = ++asked;
    const sent = { subject: form.elements.subject.value, body: text.value };
    try {
      const answer = await fetch(box.dataset.address, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf.value }, body: JSON.stringify(sent) });
      if (!answer.ok || mine !== asked) return;
      ({ figures } = await answer.json());
    } catch {
      return; // approving asks for them all the same
    }
    list();
    mark();
  }

  form.addEventListener("input", (event) => {
    if (event.target !== text && event.target.name !== "subject") return;
    mark();
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  // One by one: the first that is not ticked, at its place in the text.
  next.addEventListener("click", () => {
    const input = box.querySelector("input[name=looked_at]:not(:checked)");
    if (!input) return;
    const current = figures.find(({ id }) => id === input.value);
    input.focus();
    mark(current);
    ranges(current.text)[0]?.startContainer.parentElement.scrollIntoView({ block: "nearest" });
  });
  next.hidden = false;
  mark();
}
