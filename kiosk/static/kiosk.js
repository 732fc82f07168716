// The kiosk's only script: swaps the screen when it changed, sends presses without a flash, reads aloud.
// Without it everything works by plain forms and a refresh.
"use strict";

const POLL_MS = 60;
let mark = screenNow().dataset.version;
let spoken = "";
let pressing = false; // a finger is down: what lies under it must not be exchanged
let waiting = null; // the page to show when it is up
let line = Promise.resolve(); // one request after the other: digits arrive in the order they were pressed

function screenNow() {
  return document.getElementById("kiosk");
}

function inLine(work) {
  line = line.then(work).catch(() => {
    // the program is being started again; the next turn will find it
  });
  return line;
}

function show(html) {
  if (pressing) {
    waiting = html;
    return;
  }
  waiting = null;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const before = document.activeElement;
  const kept = before && before.name ? `[name="${before.name}"][value="${before.value}"]` : null;
  const was = screenNow().dataset.state;
  for (const id of ["kiosk", "tray"]) {
    const old = document.getElementById(id), next = fresh.getElementById(id);
    if (old && next) {
      const top = old.scrollTop;
      const opened = old.querySelector("details[open]"), folded = next.querySelector("details");
      if (opened && folded) folded.open = true; // what somebody opened stays open
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

async function look() {
  const told = await (await fetch("/state", { cache: "no-store" })).json();
  if (told.gone) document.getElementById("question").replaceChildren(); // the card is out: wipe first
  if (told.mark === mark) return;
  const answer = await fetch("/", { cache: "no-store" });
  if (answer.ok) show(await answer.text());
}

async function send(address, body) {
  const answer = await fetch(address, { method: "POST", body });
  if (answer.ok) show(await answer.text());
}

async function poll() {
  await inLine(look);
  setTimeout(poll, POLL_MS);
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

function lifted() {
  setTimeout(() => { // after the click that belongs to it
    pressing = false;
    if (waiting !== null) show(waiting);
  });
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter, body = new URLSearchParams(new FormData(event.target));
  if (button?.name) body.append(button.name, button.value);
  const address = event.target.action;
  inLine(() => send(address, body));
});
document.addEventListener("pointerdown", () => { pressing = true; });
document.addEventListener("pointerup", lifted);
document.addEventListener("pointercancel", lifted);
document.addEventListener("click", (event) => {
  if (event.target.closest("#again")) speak(true);
});
document.addEventListener("keydown", (event) => {
  if (screenNow().dataset.state !== "PIN" || event.ctrlKey || event.altKey || event.metaKey) return;
  const value = event.key === "Backspace" ? "erase" : event.key;
  if (/^(\d|erase)$/.test(value)) inLine(() => send("/pin", new URLSearchParams({ digit: value })));
});
speak(false);
setTimeout(poll, POLL_MS);
