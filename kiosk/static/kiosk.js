// The kiosk's only script: swaps the screen when it changed, sends presses without a flash, reads aloud.
// Without it everything works by plain forms and a refresh.
"use strict";

const POLL_MS = 150;
let mark = screenNow().dataset.version;
let spoken = "";
let busy = false;

function screenNow() {
  return document.getElementById("kiosk");
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const before = document.activeElement;
  const kept = before && before.name ? `[name="${before.name}"][value="${before.value}"]` : null;
  const was = screenNow().dataset.state;
  for (const id of ["kiosk", "tray"]) {
    const old = document.getElementById(id), next = fresh.getElementById(id);
    if (old && next) {
      const top = old.scrollTop;
      old.replaceWith(document.adoptNode(next));
      next.scrollTop = top;
    }
  }
  document.documentElement.lang = fresh.documentElement.lang;
  document.title = fresh.title;
  mark = screenNow().dataset.version;
  if (screenNow().dataset.state !== was) document.getElementById("question").focus();
  else if (kept) document.querySelector(kept)?.focus();
  speak(false);
}

async function refresh() {
  const answer = await fetch("/", { cache: "no-store" });
  if (answer.ok) show(await answer.text());
}

async function poll() {
  try {
    if (!busy) {
      const answer = await fetch("/state", { cache: "no-store" });
      if ((await answer.json()).mark !== mark && !busy) await refresh();
    }
  } catch {
    // the program is being started again; the next turn will find it
  }
  setTimeout(poll, POLL_MS);
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.append(button.name, button.value);
  busy = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (answer.ok) show(await answer.text());
  } catch {
    // as above
  } finally {
    busy = false;
  }
}

function speak(again) {
  const button = document.getElementById("again"), text = document.getElementById("voice").textContent.trim();
  if (!("speechSynthesis" in window)) return;
  button.hidden = false;
  if (!text || (text === spoken && !again)) return;
  spoken = text;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = screenNow().dataset.lang;
  words.rate = 0.8;
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#again")) speak(true);
});
document.addEventListener("keydown", (event) => {
  if (screenNow().dataset.state !== "PIN" || event.ctrlKey || event.altKey || event.metaKey) return;
  const value = event.key === "Backspace" ? "erase" : event.key;
  if (/^(\d|erase)$/.test(value)) document.querySelector(`.keypad [value="${value}"]`)?.click();
});
speak(false);
setTimeout(poll, POLL_MS);
