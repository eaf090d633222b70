// Every page, livelier; each is complete without it. Single keys, a word that says whether what
// stands here is current, and an offer to show what is new. No library, no inline style.
const $ = (name) => document.getElementById(name);
const main = () => $("main");
const ops = document.body.classList.contains("ops"); // the map has keys and a drawing of its own

// ---------------------------------------------------------------- whether single keys work (WCAG 2.1.4)
const COOKIE = "tw_keys", STORE = "tw-keys", YEAR_S = 365 * 86400;
const cookie = () => document.cookie.split("; ").find((each) => each.startsWith(`${COOKIE}=`))?.split("=")[1] ?? "";
const mirrored = (how) => { try { localStorage.setItem(STORE, how); } catch { /* the cookie alone says it */ } };
if (cookie()) mirrored(cookie()); // where the map looks it up
const keysOn = () => cookie() !== "off";
document.addEventListener("change", (e) => {
  if (e.target.id !== "keys-on") return;
  const how = e.target.checked ? "on" : "off", safe = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${how}; Path=/; Max-Age=${YEAR_S}; SameSite=Strict${safe}`;
  mirrored(how);
});

// ---------------------------------------------------------------- keys
function rows() { // the links of the main list: what says so itself, else the first table with links
  const lists = [...main()?.querySelectorAll("[data-list]") ?? [], ...main()?.querySelectorAll("table") ?? []];
  for (const list of lists) {
    const found = [...list.querySelectorAll("tbody tr, li")].map((row) => row.querySelector("a[href]")).filter(Boolean);
    if (found.length) return found;
  }
  return [];
}
function step(way) {
  const found = rows(), row = document.activeElement?.closest("tr, li");
  const at = found.findIndex((link) => row?.contains(link));
  const to = found[at < 0 ? (way > 0 ? 0 : found.length - 1) : Math.max(0, Math.min(found.length - 1, at + way))];
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}
function open() {
  const link = document.activeElement?.closest("tr, li")?.querySelector("a[href]");
  if (link) location.assign(link.href);
  return Boolean(link);
}
function leave() { // out of a field or a list first, then up to where the page hangs
  const held = document.activeElement;
  if (held && held !== document.body) return held.blur();
  const up = [...document.querySelectorAll(".crumbs a[href]")].pop();
  if (up) location.assign(up.href);
}
function search() {
  const box = $("q-main") ?? $("q");
  if (!box?.offsetParent) return location.assign("/search"); // hidden on phones
  box.focus();
  box.select();
}
let after = 0;
const GO = { m: "/map", r: "/reports" }, G_MS = 1500;
const KEYS = { "/": search, "?": () => location.assign("/help#keyboard"), j: () => step(1), k: () => step(-1), Escape: leave };
document.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || document.querySelector("dialog[open]")) return;
  if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") { e.preventDefault(); return search(); }
  const typing = e.target.closest?.("input, select, textarea, [contenteditable]");
  if (typing && e.key === "Escape") return e.target.blur();
  if (ops || typing || e.ctrlKey || e.metaKey || e.altKey || !keysOn()) return;
  if (e.key === "Enter") { if (!e.target.closest("a, button, summary") && open()) e.preventDefault(); return; }
  const second = e.timeStamp - after < G_MS;
  after = e.key === "g" ? e.timeStamp : -G_MS;
  const act = second && GO[e.key] ? () => location.assign(GO[e.key]) : KEYS[e.key];
  if (act) { e.preventDefault(); act(); }
});

// ---------------------------------------------------------------- what is new
const word = $("live"), fresh = $("fresh");
const EARLY_MS = 100; // several at once are one picture
let source = null, since = "", stood = null, closing = 0;

function say(how) { // live, or not
  if (!word) return;
  word.hidden = false;
  word.dataset.is = how;
  word.querySelector("use").setAttribute("href", how === "on" ? "#co" : "#un");
  word.querySelector("span").textContent = how === "on" ? word.dataset.on : word.dataset.off;
}
function offer(incidents) {
  document.dispatchEvent(new CustomEvent("tw-changed", { detail: { incidents } })); // for other modules
  if (ops || !fresh) return; // the map draws itself anew
  const more = stood === null ? 0 : incidents - stood;
  fresh.querySelector("a").textContent = more > 0 ? fresh.dataset.more.replace("{n}", more.toLocaleString(document.documentElement.lang)) : fresh.dataset.other;
  fresh.hidden = false;
}
let drawn = 0;
function early() { // reports that no run has looked at: the map draws them, their own list offers them
  clearTimeout(drawn);
  if (ops) drawn = setTimeout(() => document.dispatchEvent(new CustomEvent("tw-changed", { detail: {} })), EARLY_MS);
  else if (location.pathname === "/provisional" && fresh) {
    fresh.querySelector("a").textContent = fresh.dataset.other;
    fresh.hidden = false;
  }
}
async function show() { // the same page as it is now, in place of what stood; the rest stays
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const text = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = text.getElementById("main");
  if (!answer.ok || !now) return location.reload();
  main().replaceChildren(...now.childNodes);
  document.title = text.title;
  stood = null; // the next message says how many there are
  fresh.hidden = true;
  main().tabIndex = -1;
  main().focus({ preventScroll: true });
  connect(""); // `here` tells how many stand on the page now
}
fresh?.querySelector("a").addEventListener("click", (e) => {
  if (e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  show().catch(() => location.reload());
});

function connect(token) {
  source?.close();
  source = new EventSource(`/api/v1/changes${token ? `?since=${encodeURIComponent(token)}` : ""}`);
  source.onopen = () => say("on");
  source.onerror = () => { // a browser comes again by itself, unless it was refused
    say("off");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => document.hidden || connect(since), 30000);
  };
  for (const name of ["here", "log", "desk", "provisional", "released"]) {
    source.addEventListener(name, (e) => {
      const told = JSON.parse(e.data);
      since = e.lastEventId;
      if (word) word.title = `${word.dataset.size} ${told.size?.toLocaleString(document.documentElement.lang) ?? since.split(".")[0]}`;
      if (name === "here") stood = told.incidents;
      if (name === "provisional") early();
      if (name === "desk" || name === "released") offer(told.incidents);
    });
  }
}
// A page that nobody looks at holds no connection: browsers give a site six of them without TLS.
document.addEventListener("visibilitychange", () => {
  clearTimeout(closing);
  if (!document.hidden) return source ? undefined : connect(since);
  closing = setTimeout(() => { source?.close(); source = null; }, 5000);
});
addEventListener("pagehide", () => { source?.close(); source = null; });
addEventListener("pageshow", (e) => { if (e.persisted) connect(since); });
if (window.EventSource && !document.hidden) connect("");
