// What a page does better with a script; everything works without it.
"use strict";
function settle(root) {
  const summary = root.querySelector("[data-focus]");
  if (summary) summary.focus();
}
document.addEventListener("DOMContentLoaded", () => settle(document));
document.addEventListener("htmx:after:swap", () => settle(document));
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-fill]");
  if (!chosen) return;
  const field = document.getElementById(chosen.dataset.fill);
  field.value = chosen.dataset.value;
  field.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const find = document.querySelector("[data-find]");
  if (find) { event.preventDefault(); find.focus(); }
});
