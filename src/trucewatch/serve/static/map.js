// The operations view, livelier: the page is complete without it. The server draws; this moves the
// drawing at once, asks for the new view, and keeps the address. No library, no inline style.
const $ = (name) => document.getElementById(name);
const here = () => new URL(location.href);
const STORE = "tw-keys";
const STEP_MS = 900, WAIT_MS = 180, CLICK_PX = 4;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let asking = null, waiting = 0, playing = 0, away = null;

// ---------------------------------------------------------------- the drawing and its box
const svg = () => document.querySelector("#view > svg");
const edges = () => $("view").dataset.merc.split(",").map(Number);
const deg = (rad) => rad * 180 / Math.PI;
const lat = (north) => deg(Math.asin(Math.tanh(north)));

function seen() { // what the drawing shows now, moved or not: x, y, width, height of its own pixels
  const box = svg().viewBox.baseVal;
  return away ?? { x: 0, y: 0, w: box.width, h: box.height };
}

function move(to) {
  const [most, least] = [12, 0.02].map((ratio) => ratio * svg().viewBox.baseVal.width);
  if (!away && !svg().dataset.w) Object.assign(svg().dataset, { w: seen().w, h: seen().h });
  if (to.w > most && to.w > seen().w || to.w < least && to.w < seen().w) return;
  away = to;
  svg().setAttribute("viewBox", `${to.x} ${to.y} ${to.w} ${to.h}`);
}

function boxOf(at) { // degrees of a part of the drawing
  const [west, south, east, north] = edges();
  const w = Number(svg().dataset.w || seen().w), h = Number(svg().dataset.h || seen().h);
  const x = (px) => west + px / w * (east - west), y = (px) => north - px / h * (north - south);
  return [deg(x(at.x)), lat(y(at.y + at.h)), deg(x(at.x + at.w)), lat(y(at.y))]
    .map((edge, i) => Math.max(i % 2 ? -85 : -180, Math.min(i % 2 ? 85 : 180, edge)).toFixed(5)).join(",");
}

function zoom(ratio, at) { // at: 0 to 1 across and down
  const now = seen(), [u, v] = at ?? [0.5, 0.5];
  move({ x: now.x + now.w * u * (1 - ratio), y: now.y + now.h * v * (1 - ratio), w: now.w * ratio, h: now.h * ratio });
  settle();
}

function settle() {
  clearTimeout(waiting);
  waiting = setTimeout(() => { const url = here(); url.searchParams.set("box", boxOf(seen())); go(url); }, WAIT_MS);
}

// ---------------------------------------------------------------- asking for a view
function told(text) { $("trouble").textContent = text; $("trouble").hidden = !text; }

async function go(url, { keep = true } = {}) {
  asking?.abort();
  asking = new AbortController();
  const mine = asking, asked = new URL(url), room = $("main").getBoundingClientRect();
  asked.pathname = "/map/view";
  asked.searchParams.set("size", `${Math.round(room.width)}x${Math.round(room.height)}`);
  $("main").setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(asked, { signal: mine.signal });
    const text = await answer.text();
    const parts = new DOMParser().parseFromString(text, "text/html");
    if (!answer.ok) throw new Error(parts.querySelector("main p")?.textContent || String(answer.status));
    place(parts);
    if (keep) history.replaceState(null, "", url);
    told("");
  } catch (trouble) {
    if (trouble.name !== "AbortError") told(`${$("trouble").dataset.text} ${trouble.message}`);
  } finally {
    if (asking === mine) $("main").removeAttribute("aria-busy");
  }
}

function place(parts) {
  const held = document.activeElement?.getAttribute("data-id") || document.activeElement?.getAttribute("data-zoom");
  for (const part of parts.querySelectorAll("template[data-for]")) {
    $(part.dataset.for).replaceChildren(...part.content.childNodes);
  }
  away = null;
  $("play-time").hidden = false;
  $("play-time").setAttribute("aria-pressed", String(Boolean(playing)));
  if (held) document.querySelector(`[data-id="${CSS.escape(held)}"], [data-zoom="${CSS.escape(held)}"]`)?.focus();
}

// ---------------------------------------------------------------- pointers on the map
const held = new Map();
let from = null, dragged = false;
const spread = () => { const [a, b] = [...held.values()]; return b ? Math.hypot(a.x - b.x, a.y - b.y) : 0; };

$("main").addEventListener("pointerdown", (e) => {
  if (!e.target.closest("#view") || e.button) return;
  if (matchMedia("(max-width: 900px)").matches && held.size === 0 && e.pointerType === "touch" && !e.isPrimary) return;
  held.set(e.pointerId, { x: e.clientX, y: e.clientY });
  from = { at: seen(), x: e.clientX, y: e.clientY, spread: spread() };
  dragged = false;
});
addEventListener("pointermove", (e) => {
  if (!held.has(e.pointerId) || !from) return;
  held.set(e.pointerId, { x: e.clientX, y: e.clientY });
  const room = $("main").getBoundingClientRect();
  if (held.size === 2 && from.spread) return zoom(from.spread / (from.spread = spread()), [0.5, 0.5]);
  const dx = e.clientX - from.x, dy = e.clientY - from.y;
  if (!dragged && Math.hypot(dx, dy) < CLICK_PX) return;
  dragged = true;
  $("view").classList.add("moving");
  const ratio = Math.min(from.at.w / room.width, from.at.h / room.height); // as `slice` scales it
  move({ ...from.at, x: from.at.x - dx * ratio, y: from.at.y - dy * ratio });
});
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, (e) => {
    if (!held.delete(e.pointerId)) return;
    from = null;
    $("view").classList.remove("moving");
    if (dragged) settle();
  });
}
$("main").addEventListener("dragstart", (e) => e.preventDefault());
$("main").addEventListener("wheel", (e) => {
  if (!e.target.closest("#view")) return;
  e.preventDefault();
  const room = $("main").getBoundingClientRect();
  zoom(2 ** (Math.sign(e.deltaY) * (still ? 1 : 0.35)), [(e.clientX - room.left) / room.width, (e.clientY - room.top) / room.height]);
}, { passive: false });

// ---------------------------------------------------------------- links, form, time bar
document.addEventListener("click", (e) => {
  const link = e.target.closest("a[href]");
  if (link && dragged && link.closest("#view")) { e.preventDefault(); dragged = false; return; }
  if (e.target.closest("[data-keys]")) { e.preventDefault(); return $("keys").showModal(); }
  if (e.target.closest("#play-time")) return play();
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
  const url = new URL(link.getAttribute("href"), location.href);
  if (url.pathname !== "/map" || !link.closest("#main, #timebar, #drawer, #counts")) return;
  e.preventDefault();
  if (link.dataset.zoom) return zoom(Number(link.dataset.zoom));
  go(url);
});

function wish() { // the form as an address; what is empty is left out
  const url = new URL("/map", location.href), keep = here().searchParams;
  for (const [key, value] of new FormData($("ask"))) {
    if (value && !["box", "status", "outcome", "selected", "step"].includes(key)) url.searchParams.append(key, value);
  }
  if (!$("ask").querySelector("[name=layer]:not(:checked):not([type=hidden])")) url.searchParams.delete("layer");
  for (const key of ["box", "status", "outcome", "selected", "step"]) if (keep.get(key)) url.searchParams.set(key, keep.get(key));
  return url;
}
$("ask").addEventListener("submit", (e) => { e.preventDefault(); go(wish()); });
$("ask").addEventListener("change", (e) => { if (e.target.name !== "asof" && e.target.name !== "real") go(wish()); });

const iso = (ms) => new Date(ms).toISOString().slice(0, 19) + "Z";
function span(start, end) {
  const url = here();
  for (const [name, ms] of [["from", start], ["to", end]]) {
    ms === null ? url.searchParams.delete(name) : url.searchParams.set(name, iso(ms));
    const field = $("ask").elements[name];
    if (field) field.value = ms === null ? "" : iso(ms).slice(0, 16);
  }
  return go(url);
}
function bar() {
  const hist = document.querySelector(".hist"), { start, end, left, right } = hist.dataset;
  return { hist, start: Date.parse(start), end: Date.parse(end), left: Number(left), right: Number(right) };
}
function timeAt(e) {
  const of = bar(), point = new DOMPoint(e.clientX, e.clientY).matrixTransform(of.hist.getScreenCTM().inverse());
  const share = Math.max(0, Math.min(1, (point.x - of.left) / (of.right - of.left)));
  return of.start + share * (of.end - of.start);
}
let brushed = null;
$("timebar").addEventListener("pointerdown", (e) => { if (e.target.closest(".hist") && !e.button) brushed = { time: timeAt(e), x: e.clientX }; });
addEventListener("pointerup", (e) => {
  if (!brushed) return;
  const [start, end] = [brushed.time, timeAt(e)].sort((a, b) => a - b), far = Math.abs(e.clientX - brushed.x) >= CLICK_PX;
  brushed = null;
  if (far) span(start, end);
});

function chosen() { // from and until, of the address or of all
  const of = bar(), asked = here().searchParams, read = (name, other) => asked.get(name) ? Date.parse(asked.get(name)) : other;
  return [read("from", of.start), read("to", of.end)];
}
function shift(way) {
  const [start, end] = chosen();
  return span(start + way * (end - start), end + way * (end - start));
}
function play() {
  if (playing) { clearInterval(playing); playing = 0; return $("play-time").setAttribute("aria-pressed", "false"); }
  const of = bar(), [start, end] = chosen(), whole = end - start >= 0.95 * (of.end - of.start);
  const wide = whole ? (of.end - of.start) / 20 : end - start;
  let at = whole ? of.start : start;
  playing = setInterval(() => {
    at += wide;
    if (at >= of.end) return play();
    span(at, at + wide);
  }, STEP_MS);
  span(at, at + wide);
}

// ---------------------------------------------------------------- keys
const keysOn = () => { try { return localStorage.getItem(STORE) !== "off"; } catch { return true; } };
$("keys-on").checked = keysOn();
$("keys-on").addEventListener("change", (e) => { try { localStorage.setItem(STORE, e.target.checked ? "on" : "off"); } catch { /* kept for this page alone */ } });
function step(way) {
  const button = document.querySelector(`#drawer [data-step="${way}"]`), rows = [...document.querySelectorAll(".latest a")];
  if (button || !rows.length) return button?.click();
  const at = rows.indexOf(document.activeElement) + way;
  rows[Math.max(0, Math.min(rows.length - 1, at))].focus();
}
let after = "";
const KEYS = {
  "/": () => $("q")?.offsetParent ? $("q").focus() : location.assign("/search"), "?": () => $("keys").showModal(), j: () => step(1), k: () => step(-1),
  Enter: () => document.querySelector("#drawer [data-open]")?.click(), Escape: () => document.querySelector("#drawer [data-close]")?.click(),
  "[": () => shift(-1), "]": () => shift(1), " ": () => play(),
};
const GO = { m: "/map", r: "/reports" };
document.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || !keysOn() || $("keys").open) return;
  if (e.target.closest("input, select, textarea, [contenteditable]")) return;
  if (["Enter", " "].includes(e.key) && e.target.closest("a, button, summary")) return;
  const first = after;
  after = e.key === "g" ? "g" : "";
  const act = first === "g" && GO[e.key] ? () => location.assign(GO[e.key]) : KEYS[e.key];
  if (act) { e.preventDefault(); act(); }
});

// ---------------------------------------------------------------- live
addEventListener("popstate", () => go(here(), { keep: false }));
let sized = 0;
addEventListener("resize", () => { clearTimeout(sized); sized = setTimeout(() => go(here(), { keep: false }), 300); });
document.addEventListener("tw-changed", () => { if (!playing && !away) go(here(), { keep: false }); }); // live.js listens
go(here(), { keep: false }); // once, in the size that the window has
