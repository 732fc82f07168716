// What a page does better with a script; everything works without it.
"use strict";
function settle(root) {
  const summary = root.querySelector("[data-focus]");
  if (summary) summary.focus();
  for (const table of document.querySelectorAll(".scroll")) reach(table);
}
// What can be scrolled can be reached by the keyboard; what cannot is no stop on the way.
function reach(table) {
  if (table.scrollWidth <= table.clientWidth) return;
  table.tabIndex = 0;
  table.setAttribute("role", "region");
  table.setAttribute("aria-label", table.querySelector("caption").textContent);
}
document.addEventListener("DOMContentLoaded", () => settle(document));
document.addEventListener("htmx:after:swap", () => settle(document));
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-fill]");
  if (!chosen || !chosen.value) return;
  event.preventDefault(); // without a script the button sends the form, and the field comes back filled
  const field = document.getElementById(chosen.dataset.fill);
  field.value = chosen.value;
  field.focus();
});
function toSearch() {
  const find = document.querySelector("[data-find]");
  if (find) find.focus();
  return find;
}
function toKeys() {
  const keys = document.getElementById("keys");
  if (!keys) return null;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
  return keys;
}
const KEYS = { "/": toSearch, "?": toKeys };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  if (KEYS[event.key]()) event.preventDefault();
});
