// Keeps the text that is being written. All words come from the page itself.
"use strict";

// The text being written is kept a moment after the last key.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-status]");
  let timer = 0;
  let unsaved = false;
  const mark = (waiting) => {
    unsaved = waiting;
    // What other scripts may need to know: the page must not be replaced now.
    if (waiting) document.body.dataset.unsaved = "";
    else delete document.body.dataset.unsaved;
  };
  const keep = async () => {
    clearTimeout(timer);
    if (!unsaved || form.dataset.sent) return;
    mark(false);
    status.textContent = status.dataset.saving;
    const fields = form.elements;
    const sent = {
      version: Number(fields.version.value),
      draft_id: fields.draft_id.value,
      subject: fields.subject.value,
      body: fields.body.value,
    };
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": fields.csrf.value },
        body: JSON.stringify(sent),
        keepalive: true,
      });
      if (!answer.ok) throw new Error(answer.status);
      status.textContent = status.dataset.saved;
    } catch {
      mark(true);
      status.textContent = status.dataset.failed;
    }
  };
  form.addEventListener("input", () => {
    mark(true);
    status.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(keep, 1200);
  });
  addEventListener("pagehide", keep);
}
