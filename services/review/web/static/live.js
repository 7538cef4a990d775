// What happens elsewhere shows on the open page: server-sent events, one stream for all windows of this browser where it can be shared.
// Nothing that has focus or is under the pointer moves: lines change in place, new ones come at a press. All words come from the page.
"use strict";

const live = document.querySelector("[data-live]");
const part = (name) => live.querySelector(`[data-live-${name}]`);
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const list = live?.dataset.list ? JSON.parse(live.dataset.list) : null;
const watched = document.querySelector("[data-watch]");

// ---- What a message does to this page.

const versions = new Map(); // of each case the newest that this page was told of
const news = new Set();
const alarms = new Map();
const unsure = new Set(); // whether these belong to the list, only the server can tell
let asking = 0;
let unlisted = false;

const lineOf = (id) => document.querySelector(`[data-case="${CSS.escape(id)}"]`);

function fits(change) {
  if (!list || list.search) return false;
  return (!list.states.length || list.states.includes(change.state))
    && ["department", "category", "urgency", "language"].every((name) => !list[name] || list[name] === change[name])
    && (!list.urgent || ["emergency", "high"].includes(change.urgency))
    && (!list.mine || change.mine) && (!list.unassigned || !change.assigned);
}

function entered(change) {
  const before = list.states.length ? list.states.includes(change.from) : change.from !== "";
  const filtered = ["department", "category", "urgency", "language"].some((name) => list[name] && change.moved.includes(name));
  const raised = list.urgent && change.moved.includes("urgency");
  const assigned = (list.mine || list.unassigned) && change.moved.includes("assignee");
  return (change.moved.includes("state") && !before) || filtered || raised || assigned;
}

function updateLine(line, change) {
  if (change.version < Number(line.dataset.version)) return;
  line.dataset.version = change.version;
  const tick = line.querySelector("[data-tick]");
  if (tick) tick.value = `${change.id}:${change.version}`;
  for (const [name, words] of Object.entries(change.cells)) {
    if (name === "state") continue;
    const cell = line.querySelector(`:scope .${CSS.escape(name)}`);
    if (cell && !cell.contains(document.activeElement)) cell.innerHTML = words;
  }
  for (const urgency of ["emergency", "high", "normal", "low"]) line.classList.toggle(urgency, urgency === change.urgency);
  line.classList.toggle("perhaps", change.doubt);
  if (!change.doubt) line.querySelector("strong.perhaps")?.remove();
  const stays = list?.search || fits(change);
  line.classList.toggle("left", !stays);
  let state = line.querySelector("[data-now]");
  const chip = line.querySelector(".s .soft > .state");
  if (chip) chip.outerHTML = change.cells.state;
  else if (!state && !stays) {
    state = document.createElement("span");
    state.dataset.now = "";
    line.querySelector(".s .soft")?.prepend(state);
  }
  if (state) state.innerHTML = stays ? "" : `${change.cells.state} `;
}

function take(message) {
  for (const change of message.changes ?? []) {
    const seen = versions.get(change.id) ?? 0;
    // The first letter that somebody writes claims a case, and is no new version of it.
    const claimed = change.moved.includes("assignee");
    if (change.version < seen || (change.version === seen && !claimed)) continue;
    versions.set(change.id, change.version);
    const line = lineOf(change.id);
    if (line) updateLine(line, change);
    else if (list?.search && (change.from === "" || news.has(change.id) || entered(change))) unsure.add(change.id);
    else if (list && fits(change) && entered(change)) news.add(change.id);
    else if (!list?.search) news.delete(change.id);
    if (change.alarm && !line && watched?.dataset.watch !== `/cases/${change.id}`) alarms.set(change.id, change.subject);
    if (watched?.dataset.watch === `/cases/${change.id}` && String(change.version) !== watched.dataset.version) {
      document.dispatchEvent(new CustomEvent("parvis:changed"));
      // That it is one's own now needs no word: the first letter claims it.
      if (change.moved.join() !== "assignee" || !change.mine || "moving" in watched.dataset) showCase();
    }
  }
  for (const id of message.gone ?? []) {
    versions.delete(id);
    news.delete(id);
    alarms.delete(id);
    const line = lineOf(id);
    if (line && !line.classList.contains("left")) {
      line.classList.add("left");
      const words = document.createElement("span");
      words.textContent = `${live.dataset.gone} `;
      line.querySelector(".s .soft")?.prepend(words);
    }
    if (watched?.dataset.watch === `/cases/${id}`) showChanged();
  }
  if (message.many && list) unlisted = true;
  if (unsure.size && !asking) asking = setTimeout(askWhichBelong, 300);
  tell();
}

// A list by words, agency or mentions: the server says which of the changed cases are in it.
async function askWhichBelong() {
  const asked = [...unsure].slice(0, 100);
  for (const id of asked) unsure.delete(id);
  const query = new URLSearchParams(location.search);
  for (const name of ["cursor", "flash", "decided"]) query.delete(name);
  for (const id of asked) query.append("id", id);
  try {
    const answer = await fetch(`/live/hits?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const belonging = new Set((await answer.json()).ids);
    for (const id of asked) {
      if (belonging.has(id) && !lineOf(id)) news.add(id);
      else news.delete(id);
    }
  } catch {
    unlisted = true; // the network is away, or the session has ended
  }
  asking = unsure.size ? setTimeout(askWhichBelong, 300) : 0;
  tell();
}

// ---- What is said of it: a live region, a count in the title, and a press that puts the new lines in.

const title = document.title;
let quiet = 0;

function tell() {
  const said = [];
  const all = new Set([...news, ...alarms.keys()]);
  const words = (kind, count) => fill(live.dataset[`${kind}${count === 1 ? "One" : "Many"}`], { count });
  if (alarms.size) said.push(words("alarm", alarms.size));
  if (news.size) said.push(words("new", news.size));
  if (unlisted && !news.size) said.push(live.dataset.unlisted);
  document.title = all.size
    ? fill(alarms.size ? live.dataset.titleAlarms : live.dataset.titleNews, { count: alarms.size || all.size, title }) : title;
  const sentence = said.join(" · ");
  if (part("news").textContent !== sentence) part("news").textContent = sentence;
  const links = [...alarms].slice(0, 3).map(([id, subject]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/cases/${id}`;
    link.textContent = subject;
    link.dir = "auto";
    item.append(link);
    return item;
  });
  if (!part("alarms").contains(document.activeElement)) part("alarms").replaceChildren(...links);
  const shown = said.length > 0;
  if (shown && !live.classList.contains("shown")) {
    // Who is about to press what lies under it does not press this instead.
    live.classList.add("arriving");
    clearTimeout(quiet);
    quiet = setTimeout(() => live.classList.remove("arriving"), 1000);
  }
  live.classList.toggle("shown", shown);
  live.classList.toggle("alarming", alarms.size > 0);
  part("actions").hidden = !shown;
  part("show").hidden = !list;
}

function forget() {
  news.clear();
  unsure.clear();
  alarms.clear();
  unlisted = false;
  tell();
}

async function showList(event) {
  event.preventDefault();
  const before = new Set([...document.querySelectorAll("[data-case]")].map((line) => line.dataset.case));
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [here, there] = [document.querySelector("main"), page.querySelector("main")];
    if (!answer.ok || !page.querySelector("[data-live]")) throw new Error(String(answer.status));
    const ticked = new Set([...here.querySelectorAll("[data-tick]:checked")].map((tick) => tick.value));
    here.replaceChildren(...there.childNodes);
    for (const tick of here.querySelectorAll("[data-tick]")) tick.checked = ticked.has(tick.value);
    for (const line of here.querySelectorAll("[data-case]")) line.classList.toggle("new", !before.has(line.dataset.case));
    (here.querySelector(".new a") ?? here).focus();
    forget();
    document.dispatchEvent(new CustomEvent("parvis:list"));
  } catch {
    location.reload();
  }
}

// ---- The case page: a case that waits for a service shows what has come; any other says that it has changed.

function showChanged() {
  const note = document.querySelector("[data-changed]");
  if (note) note.hidden = false;
}

function showCase() {
  const busy = "unsaved" in document.body.dataset || document.activeElement?.matches("textarea, input, select");
  if ("moving" in watched.dataset && !busy) location.replace(watched.dataset.here ?? watched.dataset.watch);
  else showChanged();
}

async function lookAtCase() {
  try {
    const answer = await fetch(`/api/v1${watched.dataset.watch}`, { headers: { Accept: "application/json" } });
    const now = answer.ok ? await answer.json() : null;
    if (now && String(now.version) !== watched.dataset.version) showCase();
  } catch {
    // The network is away: look again later.
  }
}

// ---- The stream. One window listens for all where the browser can say which (by https, or on this machine); else each does while it is seen.

let last = Number(live?.dataset.after ?? 0);
let source = null;
let pause = 5000;
const channel = live && "BroadcastChannel" in window ? new BroadcastChannel(`parvis-live-${live.dataset.user}`) : null;

function stopped(yes) {
  part("stopped").hidden = !yes;
  live.classList.toggle("stopped", yes);
  if (yes && watched && !document.hidden) lookAtCase();
}

function handle(data, number) {
  if (number > last) last = number;
  stopped(false);
  take(data);
}

function listen(shared) {
  source?.close();
  source = new EventSource(`${live.dataset.live}&after=${last}`);
  const pass = (event) => {
    pause = 5000;
    const data = JSON.parse(event.data);
    const number = Number(event.lastEventId);
    handle(data, number);
    if (shared) channel.postMessage({ data, number });
  };
  source.addEventListener("hello", pass);
  source.addEventListener("changes", pass);
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return; // it comes back by itself, from where it was
    stopped(true);
    channel?.postMessage({ stopped: true });
    setTimeout(() => listen(shared), pause);
    pause = Math.min(pause * 2, 300000);
  };
}

function share() {
  let leads = false;
  channel.onmessage = ({ data }) => {
    if (data.stopped) stopped(true);
    else if (data.data) handle(data.data, data.number);
    else if (leads && data.since < last) {
      // A window that opened a moment ago may have missed what came in between.
      last = data.since;
      listen(true);
    }
  };
  channel.postMessage({ since: last });
  navigator.locks.request(channel.name, () => {
    leads = true;
    listen(true);
    return new Promise(() => {}); // until this window closes
  });
}

if (live) {
  part("show").addEventListener("click", showList);
  part("dismiss").addEventListener("click", forget);
  if (channel && navigator.locks) {
    share();
  } else {
    const look = () => (document.hidden ? source?.close() : listen(false));
    document.addEventListener("visibilitychange", look);
    if (!document.hidden) listen(false);
    addEventListener("pagehide", () => source?.close());
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
