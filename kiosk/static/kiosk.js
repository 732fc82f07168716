// The kiosk's screen: swaps it when it changed, sends presses without a flash, hears a number pad.
// Without it everything works by plain forms and a refresh.
"use strict";

const POLL_MS = 60;
const GONE_MS = 1000; // the program has not answered for so long: nobody knows whether the card is still in
const STAY_MS = 10000; // how often a hand at work is told to the machine
let mark = screenNow().dataset.version;
let pressing = false; // a finger is down: what lies under it must not be exchanged
let waiting = null; // the page to show when it is up
let heard = performance.now(); // when the machine last answered
let told = 0; // when the machine last heard that somebody is there
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
  const was = screenNow().dataset.state + screenNow().dataset.asking;
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
  document.body.className = fresh.body.className;
  document.title = fresh.title;
  mark = screenNow().dataset.version;
  if (screenNow().dataset.state + screenNow().dataset.asking !== was) document.getElementById("question").focus();
  else if (kept) document.querySelector(kept)?.focus();
  arrive();
}

// What a screen needs that has just come: its voice, and ways to turn what is longer than it.
function arrive() {
  const text = document.getElementById("question");
  const whole = text.scrollHeight - text.clientHeight < 2;
  document.getElementById("pager").hidden = whole;
  text.tabIndex = whole ? -1 : 0; // what scrolls is reached by keyboard
  voice.arrive();
}

// Nothing of anybody stays on the screen; what comes next is shown whatever it is.
function wipe() {
  if (!screenNow().dataset.card) return;
  screenNow().dataset.card = mark = "";
  document.getElementById("question").replaceChildren();
  document.getElementById("voice").replaceChildren();
  voice.hush();
}

async function look() {
  const now = await (await fetch("/state", { cache: "no-store" })).json();
  heard = performance.now();
  if (now.card !== screenNow().dataset.card) wipe(); // the card is out: wipe first
  if (now.mark === mark) return;
  const answer = await fetch("/", { cache: "no-store" });
  if (answer.ok) show(await answer.text());
}

async function send(address, body) {
  const answer = await fetch(address, { method: "POST", body });
  if (answer.ok) show(await answer.text());
}

async function poll() {
  await inLine(look);
  if (performance.now() - heard > GONE_MS) wipe();
  setTimeout(poll, POLL_MS);
}

// Somebody moves about on a screen without pressing a button of it: they are not asked whether they are there.
function somebody() {
  const now = performance.now();
  if (now - told < STAY_MS || screenNow().dataset.asking === "yes") return;
  told = now;
  inLine(() => fetch("/stay", { method: "POST", redirect: "manual" }));
}

function lifted() {
  peek(false);
  setTimeout(() => { // after the click that belongs to it
    pressing = false;
    if (waiting !== null) show(waiting);
  });
}

function peek(open) {
  screenNow().classList.toggle("peeking", open);
}

function turn(way) {
  const text = document.getElementById("question");
  text.scrollBy({ top: way * text.clientHeight * 0.85 });
}

// ---- a number pad ----

function choices() {
  return [...document.querySelectorAll("#question .choices button")];
}

function choose(digit) {
  const button = choices()[digit - 1];
  if (!button || button.disabled) return false;
  button.focus();
  voice.choice(digit, button);
  return true;
}

function confirmChoice() {
  const open = choices().filter((button) => !button.disabled);
  if (open.includes(document.activeElement)) return press(document.activeElement);
  if (open.length === 1) return press(open[0]);
  return open.length && choose(choices().indexOf(open[0]) + 1);
}

// The button's form goes out now; the next key waits for the screen that comes of it.
async function press(button) {
  if (!button || button.disabled) return;
  const body = new URLSearchParams(new FormData(button.form));
  body.append(button.name, button.value);
  await send(button.form.action, body);
}

// A pad of digits on the screen: what is typed goes in the order it came, whatever the screen shows meanwhile.
function type(pad, key) {
  const value = { Enter: "confirm", Backspace: "erase" }[key] ?? key;
  const button = pad.querySelector(`button[value="${value}"]`);
  if (!button) return;
  const body = new URLSearchParams(new FormData(pad));
  body.append(button.name, value);
  const address = pad.action;
  inLine(() => send(address, body));
}

const KEYS = {
  0: () => voice.say(true),
  5: () => turn(-1),
  6: () => turn(1),
  7: () => press(document.querySelector(".bottom .low button")),
  8: () => press(document.querySelector(".bottom .sound button")),
  "*": () => press(document.querySelector('.languages [aria-pressed="false"]')),
  "#": () => press(document.querySelector(".bottom .staff")),
  "+": () => send("/comfort", new URLSearchParams({ wish: "louder" })),
  "-": () => send("/comfort", new URLSearchParams({ wish: "softer" })),
  Enter: confirmChoice,
  Escape: () => press(document.querySelector(".bottom .back")),
  Backspace: () => voice.say(true),
};

// On the screen that is there when its turn comes: what was pressed before it may bring another one.
function act(name) {
  if (/^[1-9]$/.test(name) && choose(Number(name))) return undefined;
  return KEYS[name]?.();
}

function key(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input:not([type=hidden]), textarea")) return;
  const pad = document.querySelector("#question .keypad");
  const typing = pad && (/^\d$/.test(event.key) || event.key === "Enter" || event.key === "Backspace");
  const known = typing || /^[1-9]$/.test(event.key) || event.key in KEYS;
  if (!known) return;
  if (event.key === "Enter" && event.target.matches("button") && !choices().includes(event.target) && !typing) return;
  event.preventDefault();
  somebody();
  if (event.repeat) return;
  if (typing) {
    if (event.key === "Backspace" && !document.querySelector("#question .full")) voice.say(true); // nothing to correct
    type(pad, event.key);
  } else if (event.key === "9") peek(true);
  else inLine(() => act(event.key));
}

// ---- what happens ----

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter, body = new URLSearchParams(new FormData(event.target));
  if (button?.name) body.append(button.name, button.value);
  const address = event.target.action;
  inLine(() => send(address, body));
});
document.addEventListener("pointerdown", (event) => {
  pressing = true;
  if (event.target.closest("#peek")) peek(true);
  else if (!event.target.closest("button")) somebody();
});
document.addEventListener("pointerup", lifted);
document.addEventListener("pointercancel", lifted);
document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("click", (event) => {
  if (event.target.closest("#again")) voice.say(true);
  const page = event.target.closest("[data-page]");
  if (page) turn(Number(page.dataset.page));
});
document.addEventListener("keydown", key);
document.addEventListener("keyup", () => peek(false));
window.addEventListener("blur", () => peek(false));
arrive();
setTimeout(poll, POLL_MS);
