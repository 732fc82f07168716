// Digits for a machine that has no keyboard: they go into the field that was touched last.
"use strict";
(() => {
  const pad = document.getElementById("pad");
  let field = document.querySelector("input[autofocus]");
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
})();
