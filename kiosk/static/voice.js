// The kiosk's voice: the browser's own where it speaks the language, else the recordings; else silence.
"use strict";

const voice = (() => {
  const LOUD = [0, 0.3, 0.65, 1];
  const PACE = { usual: { spoken: 0.85, played: 1 }, slow: { spoken: 0.6, played: 0.78 } };
  let before = []; // what the last screen said: only what is new is said of itself
  let playing = null; // the piece that sounds now
  let turn = 0; // who speaks; an older turn falls silent

  function screen() {
    return document.getElementById("kiosk").dataset;
  }

  function own() {
    if (!("speechSynthesis" in window)) return null;
    const tongue = screen().lang.slice(0, 2).toLowerCase();
    return speechSynthesis.getVoices().find((one) => one.lang.toLowerCase().startsWith(tongue)) ?? null;
  }

  function phrases() {
    return [...document.querySelectorAll("#voice p")].map((p) => ({
      text: p.textContent,
      choice: Number(p.dataset.choice),
      clips: p.dataset.clips ? p.dataset.clips.split(" ") : [],
    }));
  }

  function hush() {
    turn += 1;
    playing?.pause();
    playing = null;
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }

  function utter(said) {
    const mine = own(), { volume, pace } = screen();
    for (const { text } of said) {
      const words = new SpeechSynthesisUtterance(text);
      words.voice = mine;
      words.lang = screen().lang;
      words.volume = LOUD[volume];
      words.rate = PACE[pace].spoken;
      speechSynthesis.speak(words);
    }
  }

  function piece(file) {
    return new Promise((done) => {
      const sound = new Audio(`/static/speech/${file}`), { volume, pace } = screen();
      sound.volume = LOUD[volume];
      sound.playbackRate = PACE[pace].played;
      sound.addEventListener("ended", done, { once: true });
      sound.addEventListener("pause", done, { once: true });
      sound.addEventListener("error", done, { once: true });
      playing = sound;
      sound.play().catch(done); // before the first touch a browser may refuse to sound
    });
  }

  async function play(said) {
    const mine = turn;
    for (const { clips } of said) {
      for (const file of clips) {
        if (turn !== mine) return;
        await piece(file);
      }
    }
  }

  function speak(said) {
    hush();
    if (screen().volume === "0" || !said.length) return;
    if (own()) utter(said);
    else play(said);
  }

  return {
    hush,
    // Of itself what is new; asked for, everything again.
    say(again) {
      const all = phrases();
      const said = again ? all : all.filter(({ text }) => !before.includes(text));
      before = all.map(({ text }) => text);
      if (again || said.length) speak(said);
    },
    // A choice was selected by its digit.
    choice(digit, button) {
      const said = phrases().filter((one) => one.choice === digit);
      speak(said.length ? said : [{ text: (button.querySelector("b") ?? button).textContent, clips: [] }]);
    },
    arrive() {
      document.getElementById("again").hidden = !own() && screen().recorded !== "yes";
      this.say(false);
    },
  };
})();
if ("speechSynthesis" in window) speechSynthesis.addEventListener("voiceschanged", () => voice.arrive());
