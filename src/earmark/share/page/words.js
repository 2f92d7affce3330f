"use strict";
// The transcript of a pencast: its passages light up as they are heard, a word plays when chosen.
// Where it has no column of its own, the passage being said also stands under the lit note; without
// any notes it is the page, and the page follows it.
// It learns the time from the player's "heard" events and asks with "hear" ones.
(() => {
  const player = document.getElementById("player"), transcript = document.getElementById("transcript");
  if (!transcript) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const main = document.querySelector("main"), split = main.classList.contains("with-words");
  const wide = matchMedia("(min-width: 75rem)");
  const beside = () => split && wide.matches;
  const LEAD = 0.15; // a word is heard from just before it begins
  const passages = [...transcript.querySelectorAll(".passage")].map((box) => ({
    box, from: Number(box.dataset.ms) / 1000, to: Number(box.dataset.end) / 1000,
  }));
  const notes = document.getElementById("notes");
  const saying = document.createElement("div"); // the transcript itself is there for screen readers
  saying.className = "saying";
  saying.setAttribute("aria-hidden", "true");
  let current = null, spoken = [], told = null, handled = 0;

  const lastAt = (seconds) => {
    let low = 0, high = passages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passages[middle].from <= seconds + 0.002) low = middle + 1; else high = middle;
    }
    return low ? passages[low - 1] : null;
  };
  const light = (passage) => {
    if (passage === current) return;
    if (current) current.box.removeAttribute("aria-current");
    current = passage;
    if (!passage) return;
    passage.box.setAttribute("aria-current", "true");
    // Only in its own column: under the notes it would pull the page away from them.
    if ((split && !wide.matches) || performance.now() - handled < 5000) return;
    const behavior = calm.matches ? "auto" : "smooth";
    if (!split) {
      const place = passage.box.getBoundingClientRect();
      if (place.top > 20 && place.bottom < innerHeight - player.offsetHeight - 40) return;
      passage.box.scrollIntoView({ block: "center", behavior });
      return;
    }
    const room = transcript.getBoundingClientRect(), box = passage.box.getBoundingClientRect();
    if (box.top > room.top + 40 && box.bottom < room.bottom - 40) return;
    const top = transcript.scrollTop + box.top - room.top - room.height / 3;
    transcript.scrollTo({ top, behavior });
  };
  const tellUnder = (link) => {
    const passage = beside() || transcript.hidden || !link ? null : current;
    if (!passage) {
      saying.remove();
      told = null;
      return;
    }
    if (passage !== told) saying.replaceChildren(passage.box.querySelector("[dir]").cloneNode(true));
    told = passage;
    if (link.nextElementSibling !== saying) link.after(saying);
  };
  const wordAt = (box, seconds) => {
    let found = null;
    for (const word of box.querySelectorAll("[data-s]")) {
      if (Number(word.dataset.s) / 1000 <= seconds + 0.002) found = word;
    }
    return found;
  };
  const lightWord = (seconds) => {
    const boxes = current ? [current.box, ...(told ? [saying] : [])] : [];
    const found = boxes.map((box) => wordAt(box, seconds));
    if (found.length === spoken.length && found.every((word, at) => word === spoken[at])) return;
    for (const word of spoken) if (word) word.classList.remove("said");
    for (const word of found) if (word) word.classList.add("said");
    spoken = found;
  };

  player.addEventListener("heard", ({ detail: { seconds, playing, link } }) => {
    const passage = lastAt(seconds);
    light(passage && (seconds < passage.to + 1 || playing) ? passage : null);
    tellUnder(link);
    lightWord(playing ? seconds : -1);
  });
  const chosen = (event) => {
    const box = event.target.closest(".passage, .saying");
    if (!box || !Number(player.dataset.duration) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a"), word = event.target.closest("[data-s]");
    if (link) event.preventDefault();
    if (!getSelection().isCollapsed || (!link && !word)) return;
    const ms = word ? Number(word.dataset.s) : Number(box.dataset.ms);
    player.dispatchEvent(new CustomEvent("hear", { detail: Math.max(0, ms / 1000 - LEAD) }));
  };
  transcript.addEventListener("click", chosen);
  notes.addEventListener("click", chosen);
  for (const kind of ["wheel", "touchmove", "keydown"]) {
    (split ? transcript : window).addEventListener(kind, () => { handled = performance.now(); }, { passive: true });
  }
  const words = document.getElementById("words");
  words.hidden = false;
  words.addEventListener("click", () => {
    transcript.hidden = !transcript.hidden;
    main.classList.toggle("with-words", split && !transcript.hidden);
    words.setAttribute("aria-pressed", String(!transcript.hidden));
    if (transcript.hidden) tellUnder(null);
    else if (told === null && current) tellUnder(notes.querySelector("a.line[aria-current]"));
  });
})();
