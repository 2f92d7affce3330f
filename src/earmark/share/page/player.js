"use strict";
// The pencast's player. It reads the notes' times from the page; nothing here makes markup from
// text, and nothing asks the network for anything.
(() => {
  const get = (id) => document.getElementById(id);
  const player = get("player"), audio = get("audio"), status = get("status");
  const say = player.dataset;
  const duration = Number(say.duration) / 1000, lookBack = Number(say.lookBack) / 1000;
  const notes = get("notes"), wave = get("wave"), seek = get("seek");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // Lines with a time, in order of time; equal times keep the order of the page.
  const lines = [...notes.querySelectorAll("a.line:not(.bookmark)")]
    .map((link, place) => ({ link, place, at: Number(link.dataset.ms) / 1000 }))
    .sort((a, b) => a.at - b.at || a.place - b.place);
  const marks = [...notes.querySelectorAll("a.bookmark")].map((link) => Number(link.dataset.ms) / 1000);
  const byLink = new Map(lines.map((line, index) => [line.link, index]));

  let current = -1;      // index of the lit line
  let pinned = null;     // {index, from, until}: a line chosen by hand stays lit through its look-back
  let said = null;       // the lit stretch of words
  let ahead = 0;         // lines before this index are not ahead
  let wanted = 0;        // where to play from, until the sound can be sought
  let pending = true;
  let following = true;

  const clock = (seconds) => {
    const s = Math.max(0, Math.floor(seconds + 1e-6));
    const two = (n) => String(n).padStart(2, "0");
    const minutes = Math.floor(s / 60) % 60, hours = Math.floor(s / 3600);
    return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${two(minutes)}:${two(s % 60)}`;
  };
  const now = () => (pending ? wanted : audio.currentTime);

  // ---- sound -----------------------------------------------------------------------------
  const decoded = (text) => {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const whole = atob(text), bytes = new Uint8Array(whole.length);
    for (let i = 0; i < whole.length; i += 1) bytes[i] = whole.charCodeAt(i);
    return bytes;
  };
  // A page of a site: its sound is a file beside it. A host that cannot give a part of a file sends
  // the whole of it at once, and only that can be sought; from disk no script may fetch, nor need it.
  const fileBeside = async (file) => {
    if (location.protocol.startsWith("http")) {
      try {
        const waiting = setTimeout(() => { status.textContent = say.loading; }, 700);
        const answer = await fetch(file, { headers: { Range: "bytes=0-1" } });
        const whole = answer.status === 200 ? await answer.blob() : null;
        clearTimeout(waiting);
        if (status.textContent === say.loading) status.textContent = "";
        if (whole) return URL.createObjectURL(new Blob([whole], { type: say.type }));
      } catch (error) { /* the element tries by itself, and tells */ }
    }
    return file;
  };
  const loadSound = async () => {
    if (audio.dataset.file) {
      audio.src = await fileBeside(audio.dataset.file);
      return;
    }
    const parts = [];
    for (const piece of document.querySelectorAll("script.sound")) {
      parts.push(new Blob([decoded(piece.textContent.trim())]));
      piece.remove();
      await new Promise((resume) => setTimeout(resume));
    }
    if (parts.length) audio.src = URL.createObjectURL(new Blob(parts, { type: say.type }));
  };
  const land = () => {
    if (audio.readyState < 1) return;
    pending = false;
    if (Math.abs(audio.currentTime - wanted) > 0.001) audio.currentTime = wanted;
  };
  const goTo = (seconds) => {
    wanted = Math.min(Math.max(seconds, 0), duration);
    pending = true;
    land();
    paint();
  };
  const start = () => {
    status.textContent = "";
    const begun = audio.play();
    if (begun) begun.catch((error) => {
      if (error.name === "NotAllowedError") status.textContent = say.ready.replace("{time}", clock(now()));
    });
  };
  const playFrom = (seconds, index = null, until = seconds) => {
    pinned = index === null ? null : { index, from: seconds, until };
    following = true;
    get("follow").hidden = true;
    goTo(seconds);
    start();
  };
  const playLine = (index) => playFrom(Math.max(0, lines[index].at - lookBack), index, lines[index].at);
  const toggle = () => (audio.paused ? start() : audio.pause());

  // ---- what is lit -----------------------------------------------------------------------
  const lastAt = (seconds) => {
    let low = 0, high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].at <= seconds + 0.002) low = middle + 1; else high = middle;
    }
    return low - 1;
  };
  const light = (index) => {
    if (index === current) return;
    if (current >= 0) lines[current].link.removeAttribute("aria-current");
    current = index;
    if (index < 0) return;
    lines[index].link.setAttribute("aria-current", "true");
    if (following) show(lines[index].link);
  };
  const show = (link) => {
    const box = link.getBoundingClientRect();
    const bottom = innerHeight - player.offsetHeight - (get("words") ? 130 : 40); // words come below it
    if (box.top > 60 && box.bottom < bottom) return;
    link.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  };
  const lightWords = (seconds) => {
    let found = null;
    if (current >= 0 && !audio.paused) {
      for (const word of lines[current].link.querySelectorAll("[data-w]")) {
        if (Number(word.dataset.w) / 1000 <= seconds + 0.002) found = word;
      }
    }
    if (found === said) return;
    if (said) said.classList.remove("said");
    if (found) found.classList.add("said");
    said = found;
  };
  const moveAhead = (index) => {
    for (; ahead <= index; ahead += 1) lines[ahead].link.classList.remove("later");
    for (; ahead > index + 1; ahead -= 1) lines[ahead - 1].link.classList.add("later");
  };

  // ---- waveform --------------------------------------------------------------------------
  const levels = say.levels ? decoded(say.levels) : new Uint8Array(0);
  const canvas = wave.firstElementChild;
  const draw = (seconds) => {
    const width = wave.clientWidth, height = wave.clientHeight, ratio = devicePixelRatio || 1;
    if (!width) return;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const colours = getComputedStyle(player);
    const colour = (name) => colours.getPropertyValue(name);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    // One unit is a pixel of an ordinary screen; on the largest ones everything grows.
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
    const step = 4 * unit, top = 10 * unit;
    const bars = Math.max(1, Math.floor(width / step)), middle = top + (height - top) / 2;
    const place = duration ? seconds / duration : 0;
    for (let bar = 0; bar < bars; bar += 1) {
      const from = Math.floor((bar * levels.length) / bars);
      const to = Math.max(from + 1, Math.floor(((bar + 1) * levels.length) / bars));
      let high = 0;
      for (let i = from; i < to && i < levels.length; i += 1) high = Math.max(high, levels[i]);
      const size = Math.max(3 * unit, (high / 255) * (height - 12 * unit));
      pen.fillStyle = colour(bar / bars < place ? "--accent" : "--wave");
      pen.beginPath();
      if (pen.roundRect) pen.roundRect(bar * step, middle - size / 2, 2.5 * unit, size, 1.25 * unit);
      else pen.rect(bar * step, middle - size / 2, 2.5 * unit, size);
      pen.fill();
    }
    const dot = (at, name) => {
      pen.fillStyle = colour(name);
      pen.beginPath();
      const edge = 3 * unit, x = Math.min(width - edge, Math.max(edge, (at / (duration || 1)) * width));
      pen.arc(x, 4 * unit, 2.5 * unit, 0, 7);
      pen.fill();
    };
    for (const line of lines) dot(line.at, "--muted");
    for (const line of lines) if (line.link.querySelector(".mark")) dot(line.at, "--mark");
    for (const at of marks) dot(at, "--mark");
    pen.fillStyle = colour("--ink");
    pen.fillRect(Math.min(width - 1.5 * unit, place * width), 8 * unit, 1.5 * unit, height - 8 * unit);
  };

  // ---- painting --------------------------------------------------------------------------
  let painted = -1;
  const paint = () => {
    const seconds = now();
    const here = lastAt(seconds);
    if (pinned && (seconds > pinned.until || seconds < pinned.from - 0.2)) pinned = null;
    light(pinned ? pinned.index : here);
    lightWords(seconds);
    moveAhead(Math.max(here, pinned ? pinned.index : -1));
    if (Math.floor(seconds) !== painted) {
      painted = Math.floor(seconds);
      get("now").textContent = clock(seconds);
      seek.value = String(Math.round(seconds * 1000));
      seek.setAttribute("aria-valuetext", say.of.replace("{time}", clock(seconds)).replace("{length}", clock(duration)));
    }
    draw(seconds);
    player.dispatchEvent(new CustomEvent("heard", {
      detail: { seconds, playing: !audio.paused, link: current >= 0 ? lines[current].link : null },
    }));
  };
  const follow = () => {
    paint();
    if (!audio.paused) requestAnimationFrame(follow);
  };

  // ---- search ----------------------------------------------------------------------------
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = [...document.querySelectorAll("#notes .row, #transcript .row")].map((row) => ({ row, text: null }));
  let waiting = 0, gathered = 0;
  const gather = (end) => {
    for (; gathered < Math.min(end, rows.length); gathered += 1) {
      rows[gathered].text = folded(rows[gathered].row.firstElementChild.textContent);
    }
  };
  // A little at a time while nothing else is asked for, so that no key has to wait for it.
  const gatherAhead = () => {
    gather(gathered + 200);
    if (gathered < rows.length) setTimeout(gatherAhead, 20);
  };
  const search = () => {
    gather(rows.length);
    const words = folded(get("query").value).split(/\s+/).filter(Boolean);
    const shown = new Set();
    let hits = 0;
    if (words.length) {
      for (const { row, text } of rows) {
        if (!words.every((word) => text.includes(word))) continue;
        hits += 1;
        for (let at = row; at; at = at.parentElement.closest(".row")) shown.add(at);
      }
    }
    for (const { row } of rows) {
      const hide = words.length > 0 && !shown.has(row);
      if (row.hidden !== hide) row.hidden = hide;
    }
    const top = notes.getBoundingClientRect().top;
    if (words.length && (top < 0 || top > innerHeight / 3)) notes.scrollIntoView({ block: "start", behavior: "instant" });
    get("nothing").hidden = !words.length || hits > 0;
    get("found").textContent = !words.length ? "" : hits ? say.found.replace("{count}", hits) : say.none;
    return words;
  };
  const openSearch = (open) => {
    get("search").hidden = !open;
    player.classList.toggle("searching", open);
    get("find").setAttribute("aria-expanded", String(open));
    if (open) get("query").focus();
    else {
      get("query").value = "";
      search();
      get("find").focus();
    }
  };
  const firstHit = () => {
    const words = search();
    if (!words.length) return;
    const hit = rows.find(({ row, text }) => !row.hidden && words.every((word) => text.includes(word)) && (byLink.has(row.firstElementChild) || row.dataset.ms));
    if (hit && hit.row.dataset.ms) playFrom(Number(hit.row.dataset.ms) / 1000);
    else if (hit) playLine(byLink.get(hit.row.firstElementChild));
  };

  // ---- links -----------------------------------------------------------------------------
  const secondsOf = (text) => {
    if (!/^(\d{1,6}:){0,2}\d{1,9}(\.\d{1,9})?$/.test(text)) return null;
    return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  };
  const fromAddress = (play) => {
    const [, key, value] = /^#([tn])=(.{1,40})$/.exec(location.hash) || [];
    if (key === "n") {
      const row = document.getElementById(`n=${value}`);
      const index = row ? byLink.get(row.firstElementChild) : undefined;
      if (index === undefined) return;
      pinned = { index, from: Math.max(0, lines[index].at - lookBack), until: lines[index].at };
      if (play) playLine(index); else goTo(pinned.from);
    } else if (key === "t") {
      const seconds = secondsOf(value);
      if (seconds === null) return;
      // A whole second means the line that begins within it: shown times are rounded down.
      const index = Number.isInteger(seconds) ? lines.findIndex(({ at }) => at >= seconds && at < seconds + 1) : -1;
      const until = index < 0 ? seconds : lines[index].at;
      pinned = index < 0 ? null : { index, from: seconds, until };
      if (play) playFrom(seconds, index < 0 ? null : index, until); else goTo(seconds);
    } else return;
    if (current >= 0) show(lines[current].link);
    if (!play) status.textContent = say.ready.replace("{time}", clock(now()));
  };
  const remember = (link) => {
    try { history.replaceState(null, "", link.getAttribute("href")); } catch (error) { /* not on this kind of page */ }
  };

  // ---- hands -----------------------------------------------------------------------------
  notes.addEventListener("click", (event) => {
    const link = event.target.closest("a.line");
    if (!link || !duration || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!getSelection().isCollapsed) return;
    remember(link);
    const word = event.target.closest("[data-w]");
    const at = Number(link.dataset.ms) / 1000;
    if (word && event.detail) {
      const spoken = Number(word.dataset.w) / 1000;
      playFrom(Math.max(0, spoken - lookBack), byLink.get(link), spoken);
    } else if (byLink.has(link)) playLine(byLink.get(link));
    else playFrom(Math.max(0, at - lookBack));
  });
  player.addEventListener("hear", (event) => playFrom(event.detail));
  get("play").addEventListener("click", toggle);
  get("back").addEventListener("click", () => { pinned = null; goTo(now() - 10); });
  get("ahead").addEventListener("click", () => { pinned = null; goTo(now() + 10); });
  seek.addEventListener("input", () => { pinned = null; following = true; goTo(Number(seek.value) / 1000); });
  wave.addEventListener("pointerdown", () => { seek.step = "1"; });
  seek.addEventListener("keydown", () => { seek.step = "1000"; });
  get("speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
  get("dim").addEventListener("click", (event) => {
    const on = notes.classList.toggle("dim");
    event.currentTarget.setAttribute("aria-pressed", String(on));
  });
  get("find").addEventListener("click", () => openSearch(get("search").hidden));
  get("search-close").addEventListener("click", () => openSearch(false));
  get("query").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  get("query").addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); firstHit(); }
    if (event.key === "Escape") { event.preventDefault(); openSearch(false); }
  });
  const looksAway = () => {
    if (audio.paused) return;
    following = false;
    get("follow").hidden = false;
  };
  for (const kind of ["wheel", "touchmove"]) {
    addEventListener(kind, (event) => { if (!player.contains(event.target)) looksAway(); }, { passive: true });
  }
  get("follow").addEventListener("click", () => {
    following = true;
    get("follow").hidden = true;
    if (current >= 0) show(lines[current].link);
  });
  const step = (by) => {
    const index = Math.min(Math.max(current + by, 0), lines.length - 1);
    if (lines.length) playLine(index);
  };
  const keys = {
    " ": toggle, k: toggle, n: () => step(1), p: () => step(-1),
    ArrowLeft: () => { pinned = null; goTo(now() - 10); }, ArrowRight: () => { pinned = null; goTo(now() + 10); },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"].includes(event.key)) looksAway();
    const on = event.target;
    if (on instanceof Element && on.closest("input, select, textarea, summary")) return;
    if (event.key === " " && on instanceof Element && on.closest("button")) return;
    if (event.key === "/" && rows.length) { event.preventDefault(); openSearch(true); return; }
    const act = duration && keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // ---- the sound's own news --------------------------------------------------------------
  audio.addEventListener("loadedmetadata", land);
  audio.addEventListener("play", () => {
    player.classList.add("playing");
    get("play").setAttribute("aria-label", get("play").dataset.pause);
    if (pending) land();
    requestAnimationFrame(follow);
  });
  audio.addEventListener("pause", () => {
    player.classList.remove("playing");
    get("play").setAttribute("aria-label", get("play").dataset.play);
    paint();
  });
  audio.addEventListener("seeked", paint);
  audio.addEventListener("error", () => { // a failing sink: Firefox, where nothing can sound
    status.textContent = /sink/i.test(audio.error?.message ?? "") ? say.unheard : say.unplayable;
  });
  addEventListener("hashchange", () => fromAddress(true));
  addEventListener("resize", () => draw(now()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(now()));

  // ---- begin -----------------------------------------------------------------------------
  for (const { link } of lines) link.classList.add("later");
  player.hidden = false;
  player.classList.toggle("quiet", !duration);
  get("find").hidden = !rows.length;
  const keyHelp = document.querySelector(".keys");
  keyHelp.hidden = !duration;
  document.querySelector(".tools").hidden = !duration || !lines.length;
  paint();
  if (location.hash && duration) fromAddress(false);
  setTimeout(gatherAhead, 200);
  // Not by a custom property of the root: all the rows would be styled anew.
  const measure = () => {
    const room = `${player.offsetHeight + 48}px`;
    document.querySelector("main").style.paddingBottom = room;
    document.documentElement.style.scrollPaddingBottom = room;
  };
  if (window.ResizeObserver) new ResizeObserver(measure).observe(player);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", loadSound);
  else loadSound();
})();
