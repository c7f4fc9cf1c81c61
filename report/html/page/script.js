"use strict";
/* Filter, search, sort, fold and zoom. The page is complete without any of it; nothing here reads or writes outside the page. */
(() => {
const root = document.documentElement;
root.classList.add("on");
const $ = (s, e = document) => e.querySelector(s);
const $$ = (s, e = document) => Array.from(e.querySelectorAll(s));
const form = $(".filter");
const NS = "http://www.w3.org/2000/svg";

/* Rows are read once, when they are first needed: 50,000 of them take a moment. Each block says of its rows, in order:
   time to the base of 36, then verdict, subject area, severity and what else there is, see codes in messages.go. */
let rows = null;
function read() {
  if (rows) return rows;
  rows = [];
  for (const b of $$(".block")) {
    take(b);
    const codes = b.dataset.rows.split(" "), sought = b.dataset.sought.split("\n");
    $$("tbody tr", b).forEach((el, i) => {
      const [t, tags] = codes[i].split(".");
      rows.push({ el, i: rows.length, sought: sought[i], day: sought[i].slice(0, 10), t: parseInt(t, 36) || 0, tags, text: null, sev: Math.min(4, 5 - tags[2]), fake: el.classList.contains("v-fake"), notice: tags.includes("n") });
    });
  }
  return rows;
}
/* What is compared: addresses and hosts as they are and as they are shown, amounts without their signs. */
const plain = s => s.normalize("NFKC").toLowerCase();
const fold = s => plain(s).replaceAll("[.]", ".").replaceAll("[@]", "@").replaceAll("hxxp", "http")
  .replace(/(\d),(?=\d{3}(?!\d))/g, "$1").replace(/[¥$€£]\s*(?=\d)/g, "").replace(/(\d)\s*円/g, "$1").replace(/[<>"“”「」]/g, "");
const textOf = r => r.text ??= fold(Array.from(r.el.cells, c => c.textContent).join(" ") + " " + r.sought);

/* Days as people write them: each becomes a part of 2026-02-03, or several where it may be read in two ways. */
const names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], MON = "(" + names.join("|") + ")[a-z]*\\.?";
const two = n => String(n).padStart(2, "0"), ymd = (y, m, d) => m < 1 || m > 12 || d < 1 || d > 31 ? null : (y ?? "") + "-" + two(m) + "-" + two(d), nth = m => names.indexOf(m) + 1;
const forms = [
  [/(?<![\d-])(\d{4})\s*[年\/.-]\s*(\d{1,2})\s*[月\/.-]\s*(\d{1,2})日?(?![\d-])/g, (y, m, d) => [ymd(y, m, d)]],
  [/(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)/g, (y, m, d) => [ymd(y, m, d)]],
  [/(?<![\d.\/-])(\d{1,2})[.\/-](\d{1,2})[.\/-](\d{4})(?![\d.\/-])/g, (a, b, y) => [ymd(y, b, a), ymd(y, a, b)]],
  [/(?<!\d)(\d{4})\s*年\s*(\d{1,2})\s*月/g, (y, m) => [ymd(y, m, 1)?.slice(0, 8)]],
  [/(?<![\d.\/-])((?:19|20)\d\d)[.\/-](\d{1,2})(?![\d.\/-])/g, (y, m) => [ymd(y, m, 1)?.slice(0, 8)]],
  [/(?<!\d)(\d{1,2})月\s*(\d{1,2})日?/g, (m, d) => [ymd(null, m, d)]],
  [/(?<!\d)(\d{1,2})月/g, m => [ymd(null, m, 1)?.slice(0, 4)]],
  [new RegExp("(?<!\\d)(\\d{1,2})(?:st|nd|rd|th)?\\s+(?:of\\s+)?" + MON + "(?:,?\\s+(\\d{4}))?(?!\\w)", "g"), (d, m, y) => [ymd(y, nth(m), d)]],
  [new RegExp("(?<!\\w)" + MON + "\\s+(\\d{1,2})(?:st|nd|rd|th)?(?:,?\\s+(\\d{4}))?(?!\\w)", "g"), (m, d, y) => [ymd(y, nth(m), d)]],
  [new RegExp("(?<!\\w)" + MON + ",?\\s+(\\d{4})(?!\\w)", "g"), (m, y) => [ymd(y, nth(m), 1).slice(0, 8)]],
  [/(?<![\d.\/-])(\d{1,2})\/(\d{1,2})(?![\d.\/-])/g, (a, b) => root.lang === "ja" ? [ymd(null, a, b)] : [ymd(null, a, b), ymd(null, b, a)]],
];
/* The words of a query, each with the days it may mean. */
function words(query) {
  const found = [];
  let q = plain(query).replace(/(?:令和|(?<![a-z])r)\s*(元|\d{1,2})\s*(?=[年.])/g, (_, n) => 2018 + (n === "元" ? 1 : +n)).trim();
  for (const [form, days] of forms) q = q.replace(form, (text, ...groups) => {
    const list = days(...groups.slice(0, -2)).filter(Boolean);
    if (!list.length) return text;
    found.push({ text: fold(text), days: list });
    return " ";
  });
  for (const w of fold(q).split(/\s+/)) if (w) found.push({ text: w, days: [] });
  return found;
}
const matches = (r, w) => w.days.some(d => r.day.includes(d)) || textOf(r).includes(w.text);

let range = null, timer = 0, tile = "";
function filter() {
  const q = words(form.q.value);
  const want = [form.v.value, form.c.value, form.s.value].filter(Boolean);
  const active = q.length || want.length || range || tile;
  const all = read(), seen = new Map();
  let n = 0;
  for (const r of all) {
    const ok = want.every(w => r.tags.includes(w)) && (!tile || [...tile].some(w => r.tags.includes(w))) && (!range || r.t >= range[0] && r.t <= range[1]) && q.every(w => matches(r, w));
    if (r.el.hidden === ok) r.el.hidden = !ok;
    const b = r.el.closest(".block");
    if (ok) { n++; seen.set(b, true); } else if (!seen.has(b)) seen.set(b, false);
  }
  for (const [b, some] of seen) b.hidden = !some;
  $(".nomatch").hidden = n > 0;
  $(".shown").textContent = active ? form.dataset.shown.replace("#", n.toLocaleString("en")) : "";
}

/* Sorting other than by month puts the rows into one run of blocks of a hundred. */
let home = null;
function sort(order) {
  const all = read(), section = $("#messages");
  home ??= $$(".block", section).map(b => ({ b, rows: $$("tbody tr", b) }));
  $$(".block.sorted", section).forEach(b => b.remove());
  for (const h of home) { h.b.hidden = false; $("tbody", h.b).append(...h.rows); section.append(h.b); }
  if (!order) return;
  if (order === "old") {
    for (const h of home.slice().reverse()) {
      $("tbody", h.b).append(...h.rows.slice().reverse());
      section.append(h.b);
    }
    return;
  }
  const by = all.slice();
  if (order === "sev") by.sort((a, b) => a.sev - b.sev || a.i - b.i);
  else {
    const name = new Map(by.map(r => [r, r.el.cells[3].textContent]));
    const c = new Intl.Collator(root.lang);
    by.sort((a, b) => c.compare(name.get(a), name.get(b)) || a.i - b.i);
  }
  const model = home[0].b;
  for (let i = 0; i < by.length; i += 100) {
    const b = model.cloneNode(true), part = by.slice(i, i + 100);
    b.className = "block sorted";
    $("h3", b)?.remove();
    const box = $(".rows", b);
    box.className = "rows r" + part.length;
    $("tbody", b).replaceChildren(...part.map(r => r.el));
    section.append(b);
  }
  for (const h of home) h.b.hidden = true;
}

if (form) {
  const later = () => { clearTimeout(timer); timer = setTimeout(filter, 120); };
  form.addEventListener("submit", e => e.preventDefault());
  form.q.addEventListener("input", later);
  for (const s of ["v", "c", "s"]) form[s].addEventListener("change", filter);
  form.o.addEventListener("change", () => { sort(form.o.value); filter(); });
  /* The figures show what they count; the one that is chosen, chosen again, shows all. */
  const tiles = $$(".figures a"), choose = want => {
    tile = want;
    for (const a of tiles) if (want && a.dataset.want === want) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
  };
  for (const a of tiles) a.addEventListener("click", () => { choose(a.hasAttribute("aria-current") ? "" : a.dataset.want); filter(); });
  form.addEventListener("reset", () => choose(""));
  form.addEventListener("reset", () => setTimeout(() => { if (form.o.value === "" && home) sort(""); zoom(null); filter(); }));
}

/* Blocks of details that the page keeps in noscript are taken in when they come near the window or are asked for. */
function take(block) {
  const n = $(":scope > noscript", block);
  if (!n) return;
  const t = document.createElement("template");
  t.innerHTML = n.textContent;
  n.replaceWith(t.content);
  block.classList.remove("later");
}
const laters = $$(".later");
if (laters.length) {
  const near = new IntersectionObserver(list => {
    for (const x of list) if (x.isIntersecting) { near.unobserve(x.target); take(x.target); }
  }, { rootMargin: "1200px" });
  for (const b of laters) near.observe(b);
}
/* Rows that are out of sight are taken in when the browser has nothing else to do, for its own search too. */
const idle = globalThis.requestIdleCallback ?? (f => setTimeout(() => f({ timeRemaining: () => 5 }), 50));
let waiting = laters.filter(b => b.classList.contains("block"));
function fill(deadline) {
  while (waiting.length && deadline.timeRemaining() > 3) take(waiting.shift());
  if (waiting.length) idle(fill);
}
if (waiting.length) addEventListener("load", () => setTimeout(() => idle(fill), 300));
function byId(id) {
  if (id[0] === "m" && waiting.length && !document.getElementById(id)) read();
  const block = id[0] === "d" && laters.find(b => b.dataset.ids && (" " + b.dataset.ids + " ").includes(" " + id.slice(1) + " "));
  if (block) take(block);
  return document.getElementById(id);
}

/* Copying, where the browser lets a page do it; else the text is marked, to be copied by hand. */
document.addEventListener("click", async e => {
  const b = e.target.closest?.(".copy");
  if (!b) return;
  const code = b.previousElementSibling, said = b.textContent;
  getSelection().selectAllChildren(code);
  let done = false;
  try { await navigator.clipboard.writeText(code.textContent); done = true; } catch { done = document.execCommand("copy"); }
  if (!done) return;
  b.textContent = "✓";
  setTimeout(() => { b.textContent = said; }, 1500);
});

/* Folding, and opening what a link leads to. */
for (const b of $$("[data-fold]")) b.addEventListener("click", () => {
  const open = b.dataset.fold === "open";
  if (open) laters.forEach(take);
  for (const d of $$("details.msg")) d.open = open;
});
function reveal() {
  if (!/^#[a-z]\d+$/.test(location.hash)) return;
  const el = byId(location.hash.slice(1));
  if (!el) return;
  if (el.tagName === "DETAILS") { el.open = true; $("summary", el).focus({ preventScroll: true }); }
  if (el.hidden || el.closest(".block[hidden]")) { form.reset(); setTimeout(() => el.scrollIntoView()); return; }
  el.scrollIntoView();
}
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => { laters.forEach(take); for (const d of $$("details.mails")) d.open = true; });
reveal();

/* The brush: drag over the timeline to see a part of it larger, and only its mails in the table. */
const canvas = $("#timeline .canvas");
let lens = null;
const visible = () => canvas && $$(".strip", canvas).find(s => s.getBoundingClientRect().width > 0);
function scale(svg) {
  const box = svg.getBoundingClientRect(), k = box.width / svg.viewBox.baseVal.width;
  const left = +svg.dataset.left * k, right = +svg.dataset.right * k, from = +svg.dataset.from, to = +svg.dataset.to;
  return {
    box, left, right,
    time: x => from + (Math.min(Math.max(x, left), right) - left) / (right - left) * (to - from),
    x: t => left + (t - from) / (to - from) * (right - left),
  };
}
function zoom(span) {
  range = span;
  $(".brush")?.remove();
  lens?.remove();
  lens = null;
  if (!span || !canvas) return;
  const svg = visible(), s = scale(svg), b = document.createElement("div");
  b.className = "brush";
  canvas.append(b);
  place(b, Math.max(s.left, s.x(span[0])), Math.min(s.right, s.x(span[1])));
  drawLens(span);
}
/* The policy forbids style attributes; the object model sets the same properties and is allowed. */
function place(b, x0, x1) {
  b.style.left = Math.min(x0, x1) + "px";
  b.style.width = Math.max(2, Math.abs(x1 - x0)) + "px";
}
function el(name, attrs, parent) {
  const e = document.createElementNS(NS, name);
  for (const k in attrs) e.setAttribute(k, attrs[k]);
  parent?.append(e);
  return e;
}
function format(look) {
  const locale = root.lang === "en" ? "en-GB" : root.lang;
  try { return new Intl.DateTimeFormat(locale, { ...look, timeZone: form.dataset.zone }); }
  catch { return new Intl.DateTimeFormat(locale, look); } /* a zone the browser does not know */
}
const day = t => format({ dateStyle: "long" }).format(t * 1000);
/* At most n times of the span to write at its axis: hours, days or weeks of the report's zone. */
function times(span, n) {
  const step = [1, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 4380, 8760, 43800].map(h => h * 3600).find(s => (span[1] - span[0]) / s <= n) ?? 3e9;
  const part = format({ hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" }).formatToParts(span[0] * 1000);
  const of = type => +part.find(p => p.type === type).value;
  const midnight = span[0] - of("hour") * 3600 - of("minute") * 60 - of("second");
  const date = format(step < 2e6 ? { month: "short", day: "numeric" } : { year: "numeric", month: "short" }), clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const list = [];
  for (let at = midnight; at < span[1]; at += step) if (at >= span[0]) {
    const time = clock.format(at * 1000), whole = time === "00:00" || step >= 86400;
    list.push({ at, day: whole, name: whole ? date.format(at * 1000) : time });
  }
  return list;
}
function drawLens(span) {
  const wide = visible().classList.contains("wide"), W = wide ? 1120 : 360, bw = 8, n = Math.floor((W - 16) / bw);
  const bins = Array.from({ length: n }, () => ({ fake: 0, other: 0, marks: [] }));
  for (const r of read()) {
    if (!r.t || r.t < span[0] || r.t > span[1]) continue;
    const b = bins[Math.min(n - 1, Math.floor((r.t - span[0]) / (span[1] - span[0]) * n))];
    if (r.fake) b.fake++;
    else if (r.notice) /[abc]/.test(r.tags[1]) ? b.marks.push(r) : b.other++;
  }
  /* Marks take the lowest heights where they meet no other, first what went unnoticed or is grave; in a column the gravest stands on top. */
  const taken = Array.from({ length: 12 }, () => new Uint8Array(n + 2)), unseen = r => r.tags.includes("u", 3);
  const order = bins.flatMap((b, i) => b.marks.map(r => ({ r, i }))).sort((a, c) => unseen(c.r) - unseen(a.r) || a.r.sev - c.r.sev || a.i - c.i);
  for (const b of bins) { b.marks = []; b.drawn = []; b.lanes = []; }
  for (const { r, i } of order) {
    const k = taken.findIndex(t => !(t[i] || t[i + 1] || t[i + 2]));
    if (k < 0) continue;
    taken[k][i + 1] = 1;
    bins[i].lanes.push(k);
    bins[i].drawn.push(r);
  }
  for (const b of bins) {
    b.lanes.sort((x, y) => x - y);
    b.marks = b.drawn.sort((a, c) => c.sev - a.sev).map((r, m) => ({ r, k: b.lanes[m] }));
  }
  const top = Math.max(3, ...bins.flatMap(b => b.marks.map(m => m.k + 1))), most = Math.max(1, ...bins.map(b => b.fake)), many = Math.max(1, ...bins.map(b => b.other));
  const axis = 20 + Math.max(top * 15, 50), line = axis + 22, H = line + 100;
  lens = document.createElement("div");
  lens.className = "lens";
  const bar = document.createElement("p"), name = document.createElement("b"), back = document.createElement("button");
  bar.className = "bar";
  name.textContent = day(span[0]) + " – " + day(span[1]);
  back.type = "button";
  back.textContent = canvas.dataset.reset;
  back.addEventListener("click", () => { zoom(null); filter(); });
  bar.append(name, back);
  const svg = el("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": name.textContent });
  svg.classList.add("strip", "lensed");
  const bars = el("g", { class: "bars" }, svg), marks = el("g", { class: "marks" }, svg);
  bins.forEach((b, i) => {
    const x = 8 + i * bw;
    if (b.other) { const h = Math.min(7, 46 / many) * b.other; el("rect", { class: "other", x: x + 1, y: axis - h - 1, width: bw - 2, height: h }, bars); }
    if (b.fake) { const h = Math.max(2, Math.min(9, 90 / most) * b.fake); el("rect", { class: "fake", x: x + 1, y: line, width: bw - 2, height: h }, bars); }
    b.marks.forEach(({ r, k }) => {
      const y = axis - 10 - k * 15, g = el("g", { class: "mark s-" + ["critical", "high", "medium", "low", "info"][r.sev], "data-m": r.el.id.slice(1) }, marks);
      el("title", {}, g).textContent = r.el.cells[0].textContent + " " + r.el.cells[2].textContent;
      if (r.tags.includes("u", 3)) el("circle", { class: "ring", cx: x + bw / 2, cy: y, r: 8.5 }, g);
      el("use", { href: "#g-" + ["critical", "high", "medium", "low", "info"][r.sev], x: x + bw / 2 - 7, y: y - 7, width: 14, height: 14 }, g);
    });
  });
  el("path", { class: "axis", d: `M8 ${axis}H${W - 8}M8 ${line}H${W - 8}` }, svg);
  const grid = el("g", { class: "grid" }, svg), ticks = el("g", { class: "ticks" }, svg);
  for (const t of times(span, wide ? 14 : 5)) {
    const x = 8 + (t.at - span[0]) / (span[1] - span[0]) * (W - 16);
    el("path", { d: `M${x} ${axis}v22` }, grid);
    if (x < W - 44) el("text", { x: x + 4, y: axis + 15, class: t.day ? "major" : "" }, ticks).textContent = t.name;
  }
  lens.append(bar, svg);
  $("#timeline .chart").append(lens);
}
if (canvas) {
  let down = null, b = null;
  canvas.addEventListener("pointerdown", e => {
    if (e.button !== 0) return;
    const svg = visible(), s = scale(svg), x = e.clientX - s.box.left;
    down = { s, x };
    $(".brush")?.remove();
    b = document.createElement("div");
    b.className = "brush";
    canvas.append(b);
    place(b, x, x);
    canvas.setPointerCapture(e.pointerId);
    e.preventDefault();
  });
  canvas.addEventListener("pointercancel", () => { down = null; b?.remove(); });
  canvas.addEventListener("pointermove", e => { if (down) place(b, down.x, e.clientX - down.s.box.left); });
  canvas.addEventListener("pointerup", e => {
    if (!down) return;
    const { s, x } = down, end = e.clientX - s.box.left;
    down = null;
    if (Math.abs(end - x) < 6) {
      zoom(null);
      const mark = nearest(e.clientX, e.clientY, e.pointerType === "touch" ? 24 : 9);
      if (mark) go(mark); else filter();
      return;
    }
    zoom([Math.floor(s.time(Math.min(x, end))), Math.ceil(s.time(Math.max(x, end)))]);
    filter();
  });
}
/* The mark at a point, or the nearest one that a finger may have meant. */
function nearest(x, y, reach) {
  let best = null;
  for (const m of $$(".mark", visible())) {
    const r = m.getBoundingClientRect(), d = Math.hypot(r.x + r.width / 2 - x, r.y + r.height / 2 - y);
    if (d < reach) { best = m; reach = d; }
  }
  return best;
}
function go(mark) {
  const n = mark.dataset.m;
  location.hash = byId("d" + n) ? "#d" + n : "#m" + n;
}
document.addEventListener("click", e => {
  const mark = e.target.closest?.(".mark[data-m]");
  if (mark && !mark.closest("#timeline .canvas")) go(mark);
});
/* The keyboard zooms by months, with the two lists that say from and to. */
const zf = $(".zoomform");
zf?.addEventListener("change", () => {
  const from = +zf.from.value, to = +zf.to.value;
  zoom(from && to && to > from ? [from, to] : null);
  filter();
});
})();
