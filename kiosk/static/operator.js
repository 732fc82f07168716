// Digits for a machine that has no keyboard: they go into the field that was touched last. Who types is not sent away.
"use strict";
(() => {
  const STILL_MS = 5000;
  const inside = document.body.dataset.tab !== "gate"; // before the gate nobody's touch makes the time longer
  const pad = document.getElementById("pad");
  const lasts = Number(document.body.dataset.back) * 1000;
  let field = document.querySelector("input[autofocus]");
  let leaving, told = performance.now();

  function leave() { // the page goes away by itself when nobody has touched it for so long
    clearTimeout(leaving);
    leaving = setTimeout(() => location.assign("/"), lasts);
  }

  function somebody() {
    leave();
    if (performance.now() - told < STILL_MS) return;
    told = performance.now();
    fetch("/operator/still", { method: "POST" })
      .then((answer) => { if (answer.status === 403) location.assign("/operator"); })
      .catch(() => {}); // the program is being started again
  }

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[inputmode]")) {
      field = event.target;
      pad.hidden = false;
    }
  });
  if (field) pad.hidden = false;
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("button")?.value;
    if (key === undefined || !field) return;
    if (key === "hide") pad.hidden = true;
    else if (key === "erase") field.value = field.value.slice(0, -1);
    else if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += key;
    field.focus({ preventScroll: true });
    if (key === "hide") pad.hidden = true;
  });
  if (inside) for (const touch of ["input", "pointerdown", "keydown"]) document.addEventListener(touch, somebody);
  document.addEventListener("submit", () => { // a second tap is not a second deed
    setTimeout(() => document.querySelectorAll("button[type=submit]").forEach((one) => { one.disabled = true; }));
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.assign("/operator"); }); // never the same deed again
  leave();
})();
