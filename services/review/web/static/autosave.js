// Keeps what is being written, in every field that says so, and shows who else has the case open. All words come from the page itself.
// What the service has not confirmed stays in this browser, under the person's name, until it has: docs/security.md says what and how long.
"use strict";

(() => {
  const PERSON = document.body.dataset.person;
  const STORED = "parvis.text ";
  const FORGOTTEN_AFTER = 7 * 86400 * 1000;
  const PAUSE_AFTER_A_KEY = 800;
  const LONGEST_PAUSE = 60000;
  const LONGEST_WAIT = 20000; // for an answer of the service
  const MOST_AT_THE_END = 60000; // bytes that a browser sends for a page that is closing
  // Not randomUUID: pages may come by http, in a network of one's own.
  const PAGE = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const box = document.querySelector("[data-keeps]");
  const status = document.querySelector("[data-status]");
  const csrf = () => document.querySelector("input[name=csrf]").value;

  // What this browser keeps: what the service has not confirmed in localStorage; what it has in sessionStorage, for a moment, since the next
  // page may have been written before the words arrived. Either may be full or forbidden: the page itself still has the words.
  const stored = {
    staysOnceConfirmed: 60000,
    all(...storages) {
      try {
        return storages.flatMap((storage) =>
          Object.entries(window[storage]).filter(([key]) => key.startsWith(STORED)).map(([key, entry]) => ({ storage, key, ...JSON.parse(entry) })));
      } catch {
        return [];
      }
    },
    put(entry, storage = "localStorage") {
      try {
        window[storage][STORED + [entry.person, entry.request, entry.page, entry.draft_id, entry.field].join(" ")] = JSON.stringify(entry);
      } catch {
        // Nothing to be done: it is sent all the same.
      }
    },
    confirm(sent) {
      for (const { storage, key, ...entry } of stored.all("localStorage")) {
        const same = ["person", "request", "page", "draft_id", "field"].every((name) => entry[name] === sent[name]);
        if (!same || entry.sequence > sent.sequence) continue;
        window[storage].removeItem(key);
        stored.put({ ...entry, confirmed: Date.now() }, "sessionStorage");
      }
      stored.sweep();
      setTimeout(stored.sweep, stored.staysOnceConfirmed);
    },
    sweep() {
      const over = ({ at, confirmed }) => Date.now() - at > FORGOTTEN_AFTER || Date.now() - confirmed >= stored.staysOnceConfirmed;
      for (const { storage, key } of stored.all("localStorage", "sessionStorage").filter(over)) window[storage].removeItem(key);
    },
  };
  stored.sweep();
  if (!PERSON) return;

  const asSent = ({ field, draft_id, text, sequence, base_page, base }) => ({ field, draft_id, text, sequence, base_page, base });

  async function put(request, page, entries, options = {}) {
    const answer = await fetch(`/api/v1/cases/${request}/texts`, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
      body: JSON.stringify({ page, texts: entries.map(asSent) }),
      ...options,
    });
    if (answer.ok) entries.forEach(stored.confirm);
    return answer;
  }

  // What an earlier page could not send, of any case: sent now, as it was.
  async function sendLeftovers() {
    const pages = new Map();
    for (const entry of stored.all("localStorage").filter(({ person, page }) => person === PERSON && page !== PAGE)) {
      const name = `${entry.request} ${entry.page}`;
      pages.set(name, [...(pages.get(name) ?? []), entry]);
    }
    for (const entries of pages.values()) {
      try {
        await put(entries[0].request, entries[0].page, entries);
      } catch {
        setTimeout(sendLeftovers, LONGEST_PAUSE); // the network is away
        return;
      }
    }
  }

  const saved = box ? JSON.parse(box.dataset.saved) : {};
  const fields = [...document.querySelectorAll("[data-keep]")].map((element) => {
    const [base_page, base] = saved[element.dataset.keep] ?? ["", 0];
    const draft_id = "keepDraft" in element.dataset ? element.form.elements.draft_id.value : null;
    return { element, field: element.dataset.keep, draft_id, base_page, base, sequence: base, dirty: false };
  });
  const entryOf = (field) => ({
    person: PERSON, request: box.dataset.keeps, page: PAGE, at: Date.now(), field: field.field, draft_id: field.draft_id,
    text: field.element.value, sequence: field.sequence, base_page: field.base_page, base: field.base,
  });

  function changed(field) {
    // Subject and text are one reply: they are kept together.
    const together = field.draft_id ? fields.filter((other) => other.draft_id === field.draft_id) : [field];
    const number = Math.max(Date.now(), ...together.map((other) => other.sequence + 1));
    for (const other of together) {
      Object.assign(other, { sequence: number, dirty: true });
      stored.put(entryOf(other));
    }
    mark();
  }

  function mark() {
    // For other scripts: the page must not be replaced now.
    if (fields.some((field) => field.dirty)) document.body.dataset.unsaved = "";
    else delete document.body.dataset.unsaved;
  }

  function say(state) {
    if (!status) return;
    const words = status.dataset[state] ?? "";
    const place = status.querySelector("[data-words]");
    status.dataset.state = state;
    if (place.textContent !== words) place.textContent = words;
    status.querySelector("a").hidden = state !== "signedOut";
  }

  // Why the words could not be kept; a new session of the same person is taken up by itself.
  async function reasonOf(answer) {
    if (answer.status === 401) return "signedOut";
    if (answer.status === 404) return "gone";
    if (answer.status === 422) return "tooLong";
    if (answer.status !== 403) return "failed";
    const look = await fetch(`/cases/${box.dataset.keeps}/presence`, { headers: { Accept: "*/*" } });
    if (look.status === 401) return "signedOut";
    if (!look.ok) return "gone";
    const now = new DOMParser().parseFromString(await look.text(), "text/html").querySelector("[data-session]").dataset;
    if (now.person !== PERSON) return "somebodyElse";
    for (const input of document.querySelectorAll("input[name=csrf]")) input.value = now.session;
    return "again";
  }

  let sending = null;
  let timer = 0;
  let pause = 0;

  async function attempt() {
    const entries = fields.filter((field) => field.dirty).map(entryOf);
    try {
      const answer = await put(box.dataset.keeps, PAGE, entries, { signal: AbortSignal.timeout(LONGEST_WAIT) });
      if (!answer.ok) return await reasonOf(answer);
      for (const field of fields) {
        if (entries.some((entry) => entry.field === field.field && entry.sequence === field.sequence)) field.dirty = false;
      }
      if ((await answer.json()).claimed) visit();
      return "saved";
    } catch {
      return "offline";
    }
  }

  function later(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(send, milliseconds);
  }

  async function send() {
    clearTimeout(timer);
    if (sending) return sending;
    if (!fields.some((field) => field.dirty)) return "saved";
    say("saving");
    sending = attempt();
    const outcome = await sending;
    sending = null;
    mark();
    const more = fields.some((field) => field.dirty);
    if (outcome === "saved") {
      pause = 0;
      say(more ? "saving" : "saved");
      if (more) later(PAUSE_AFTER_A_KEY);
    } else {
      pause = Math.min(LONGEST_PAUSE, Math.max(1000, pause * 2));
      if (outcome !== "again") say(outcome);
      if (outcome !== "tooLong") later(outcome === "again" && pause === 1000 ? 0 : pause);
    }
    return outcome;
  }

  // Who has the case open: a lease that this page renews. What comes back is a part of the page, as the service writes it.
  const presence = document.querySelector("[data-presence]");
  const ROUND = 5000;
  let wrote = 0;
  let round = 0;

  const visiting = (leaving) => new URLSearchParams({
    csrf: csrf(), page: PAGE, leaving, writing: Date.now() - wrote < 30000, was_mine: presence.querySelector("[data-session]").dataset.mine,
  });

  async function visit() {
    if (!presence) return;
    clearTimeout(round);
    try {
      if (!document.hidden) {
        const answer = await fetch(presence.dataset.presence, { method: "POST", body: visiting(false), headers: { Accept: "*/*" } });
        if (answer.ok) {
          const now = new DOMParser().parseFromString(await answer.text(), "text/html").body;
          if (now.innerHTML.trim() !== presence.innerHTML.trim()) presence.replaceChildren(...now.childNodes);
        }
      }
    } catch {
      // The network is away: in the next round.
    }
    clearTimeout(round);
    round = setTimeout(visit, ROUND);
  }

  if (box) {
    for (const field of fields) {
      // What an earlier page could not send, or sent after this one was written, stands in its field again.
      const left = stored.all("localStorage", "sessionStorage").filter((entry) => ["person", "request", "field", "draft_id"].every((name) => entry[name] === entryOf(field)[name]));
      const newest = left.sort((one, other) => other.sequence - one.sequence)[0];
      if (newest && newest.sequence > field.sequence) field.left = newest;
      field.element.addEventListener("input", () => {
        const first = !wrote;
        wrote = Date.now();
        changed(field);
        // The first letter claims the case: it does not wait.
        if (first) send().then(visit);
        else if (!sending || pause === 0) later(Math.max(pause, PAUSE_AFTER_A_KEY));
      });
    }
    for (const field of fields.filter((one) => one.left)) {
      field.element.value = field.left.text;
      Object.assign(field, { base_page: field.left.page, base: field.left.sequence, sequence: field.left.sequence });
      field.element.closest("details")?.setAttribute("open", "");
    }
    for (const field of fields.filter((one) => one.left)) field.element.dispatchEvent(new Event("input", { bubbles: true }));

    addEventListener("online", () => later(0));
    document.addEventListener("visibilitychange", () => (document.hidden ? send() : visit()));
    document.addEventListener("parvis:changed", visit);
    addEventListener("pagehide", () => {
      const entries = fields.filter((field) => field.dirty).map(entryOf);
      const small = new Blob([JSON.stringify(entries)]).size < MOST_AT_THE_END;
      if (entries.length && small) put(box.dataset.keeps, PAGE, entries, { keepalive: true }).catch(() => {});
      if (presence) navigator.sendBeacon(presence.dataset.presence, visiting(true));
    });
    visit();
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    // Not submitter.formAction: without the attribute that is the address of the page.
    const leaves = new URL(event.submitter?.getAttribute("formaction") ?? form.action, location).pathname;
    if (leaves === "/logout") {
      if (form.dataset.emptied || !stored.all("localStorage", "sessionStorage").some((entry) => entry.person === PERSON)) return;
      // Signing out waits for what is not kept yet, as long as the service may take to answer.
      event.preventDefault();
      form.dataset.emptied = "yes";
      stored.staysOnceConfirmed = 0;
      stored.sweep();
      await Promise.race([box ? send().then(send).then(sendLeftovers) : sendLeftovers(), new Promise((done) => setTimeout(done, LONGEST_WAIT))]);
      form.submit();
    } else if (box && leaves.startsWith(`/cases/${box.dataset.keeps}/`)) {
      // Every form carries what is being written in all fields.
      form.querySelector("input[name=written]")?.remove();
      const carried = document.createElement("input");
      Object.assign(carried, { type: "hidden", name: "written" });
      carried.value = JSON.stringify({ page: PAGE, texts: fields.filter((field) => field.dirty).map(entryOf).map(asSent) });
      form.append(carried);
    }
  });
  sendLeftovers();
})();
