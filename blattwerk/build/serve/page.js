"use strict";
// The live page. What is asked for stands behind the # of the address, so that it can be kept, and gone back to.

const $ = (id) => document.getElementById(id);
const SHOWN = ["question", "solution", "marking"];
let overview = null, asking = 0, running = {};

// Elements are put together here, and text is always text; HTML comes from the server's writer of HTML alone.
function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "html") node.innerHTML = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

async function get(address, query = {}) {
  const answer = await fetch(`${address}?${new URLSearchParams(query)}`);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function post(address, query = {}) {
  const answer = await fetch(`${address}?${new URLSearchParams(query)}`, { method: "POST" });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

function wanted() {
  const said = new URLSearchParams(location.hash.slice(1));
  const first = overview && overview.entries && overview.kind !== "catalogue" ? overview.entries[0] : null;
  const name = said.get("name") || (first ? (overview.kind === "sheet" ? "*" : first.name) : "");
  const entry = (overview?.entries || []).find((one) => one.name === name);
  return {
    name,
    seed: /^[0-9]{1,18}$/.test(said.get("seed") || "") ? said.get("seed") : "1",
    difficulty: said.get("difficulty") || (overview?.kind === "sheet" ? "" : entry?.difficulty || "standard"),
    lang: said.get("lang") || "en",
    show: (said.get("show") ?? SHOWN.join(" ")).split(" "),
  };
}

function want(change) {
  const next = { ...wanted(), ...change };
  location.hash = new URLSearchParams({ ...next, show: next.show.join(" ") });
}

function state(kind, words, more = "") {
  $("state").className = kind;
  $("state").title = more;
  $("state").textContent = words;
}

function mistake(error, hasOld) {
  const box = $("mistake");
  box.hidden = !error;
  box.replaceChildren();
  if (!error) return;
  box.append(make("strong", {}, error.place || "A mistake"));
  if (error.every.length > 1) box.append(make("ul", {}, ...error.every.map((one) => make("li", {}, `line ${one.line}: ${one.what}`))));
  else box.append(make("span", {}, error.message));
  if (hasOld) box.append(make("p", { class: "note" }, "Below is the last version that could be shown."));
}

function restart(modules) {
  $("restart").hidden = !modules.length;
  $("restart").textContent = `${modules.join(", ")} changed, and cannot be loaded again: end “blattwerk serve” with Ctrl-C and start it anew to see it.`;
}

function bar(now) {
  const one = Boolean(now.name);
  $("controls").hidden = $("keys").hidden = !one;
  $("home").hidden = !(one && overview?.kind === "catalogue");
  $("choose").hidden = !(one && overview && overview.entries && (overview.kind === "sheet" || overview.kind === "catalogue"));
  const options = (overview?.entries || []).map((entry) => [entry.name, entry.name === entry.id ? entry.id : `${entry.name} (${entry.id})`]);
  if (overview?.kind === "sheet") options.unshift(["*", "the whole sheet"]);
  $("name").replaceChildren(...options.map(([value, words]) => make("option", { value, selected: value === now.name }, words)));
  if (document.activeElement !== $("seed")) $("seed").value = now.seed;
  const own = overview?.kind === "sheet";
  $("difficulty").replaceChildren(
    ...(own ? [make("option", { value: "" }, "as on the sheet")] : []),
    ...["easy", "standard", "hard"].map((value) => make("option", { value }, value)),
  );
  $("difficulty").value = now.name === "*" ? "" : now.difficulty;
  $("difficulty").disabled = now.name === "*";
  $("lang").value = now.lang;
  for (const part of SHOWN) $(`show-${part}`).checked = now.show.includes(part);
  $("paper").classList.toggle("no-marking", !now.show.includes("marking"));
}

async function refresh() {
  const turn = ++asking, now = wanted();
  bar(now);
  if (!now.name) return catalogue(turn);
  state("busy", "drawing …");
  const names = now.name === "*" ? overview.entries.map((entry) => entry.name) : [now.name];
  const answers = [];
  let sheet = null;
  try {
    if (now.name === "*") sheet = await get("sheet", { seed: now.seed, lang: now.lang });
    if (turn !== asking) return;
    for (const name of names) {
      answers.push(await get("look", { name, seed: now.seed, difficulty: now.name === "*" ? "" : now.difficulty, lang: now.lang }));
      if (turn !== asking) return;
    }
  } catch (error) {
    if (turn === asking) state("bad", String(error.message || error));
    return;
  }
  show(answers, now, sheet);
}

function show(answers, now, sheet) {
  const said = sheet ? [sheet, ...answers] : answers;
  const broken = said.find((answer) => answer.error), looks = answers.filter((answer) => answer.look);
  mistake(broken?.error, broken && broken.look);
  restart(said[0].restart);
  const y = window.scrollY;
  $("paper").replaceChildren(...(sheet?.look ? [sheet] : looks).map((answer) => papers(answer.look, now, Boolean(answer.error))));
  window.scrollTo(0, y);
  const single = now.name !== "*" && looks.length === 1 ? looks[0].look : null;
  $("found").hidden = !said.some((answer) => answer.look);
  $("title").textContent = single ? single.title[now.lang === "de" ? "de" : "en"] : overview?.name || "Blattwerk";
  document.title = `${$("title").textContent} · Blattwerk`;
  if (single) findings([single], now);
  else findings(looks.map((answer) => answer.look), now);
  const ms = looks.reduce((sum, answer) => sum + answer.look.ms, 0);
  if (broken) state("bad", "there is a mistake");
  else if (looks.some((answer) => answer.look.why)) state("bad", "not proven");
  else state("good", "proven", `drawn, proven and printed in ${ms} ms`);
  document.body.dataset.version = said[0].version;
  document.body.dataset.ready = `${now.name}/${now.seed}/${now.difficulty}/${now.lang}`;
}

function papers(look, now, old) {
  const sheets = Object.entries(look.html).map(([lang, html]) => {
    const paper = make("article", { class: `paper bw-sheet${old ? " old" : ""}`, lang });
    const words = lang === "de" ? ["Aufgabe", "Lösung"] : ["Question", "Solution"];
    if (now.show.includes("question")) paper.append(make("p", { class: "kind" }, words[0]), make("div", { class: "question-html", html: html.question }));
    if (now.show.includes("solution")) paper.append(make("p", { class: "kind" }, words[1]), make("div", { class: "solution-html", html: html.solution }));
    return paper;
  });
  return make("div", { class: "papers" }, ...sheets);
}

const light = (kind, words) => make("span", { class: `light ${kind}`, role: "img", "aria-label": words, title: words }, { yes: "✓", no: "✗", half: "!" }[kind]);
const symbol = (one) => make("span", one.symbol ? { html: one.symbol } : {}, ...(one.symbol ? [] : [one.name]));
const together = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join(""));
const list = (items, none) => (items.length ? make("ul", {}, ...items) : make("p", { class: "note" }, none));

function findings(looks, now) {
  const many = looks.length > 1;
  $("proof").replaceChildren(...looks.flatMap((look) => [many && make("h3", {}, look.name), ...proof(look)]).filter(Boolean));
  $("params").replaceChildren(...looks.flatMap((look) => [many && make("h3", {}, look.name), params(look)]).filter(Boolean));
  $("mistakes").replaceChildren(...looks.flatMap((look) => [many && make("h3", {}, look.name), mistakes(look)]).filter(Boolean));
  const entry = many || now.name === "*" ? null : overview.entries.find((one) => one.name === now.name);
  $("demo-section").hidden = !entry?.demo;
  document.querySelector("[data-work=spread]").disabled = now.name === "*";
}

function proof(look) {
  const answers = look.answers.map((one) => {
    const against = Object.entries(one.against);
    const kind = one.proven ? "yes" : against.length || !one.by.length ? "no" : "half";
    const words = one.proven ? "proven" : "not proven";
    return make("li", { "data-answer": one.name }, light(kind, words), symbol(one), ` ${one.decimal === one.exact ? "=" : "≈"} `,
      make("span", { class: "value" }, one.decimal),
      make("div", { class: "note" }, one.by.length ? `${words} by ${together(one.by)}` : `${words}: no check finds it by other means`),
      ...against.map(([oracle, detail]) => make("div", { class: "bad" }, `${oracle} disagrees: ${detail}`)));
  });
  const claims = look.claims.map((one) => make("li", {}, light(one.holds ? "yes" : "no", one.holds ? "holds" : "does not hold"), make("code", {}, one.name)));
  return [
    look.why ? make("p", { class: "bad" }, look.why) : null,
    list(answers, "No part asks for a number."),
    claims.length ? make("h3", {}, "Claims") : null,
    claims.length ? list(claims, "") : null,
    "checked" in look.relations ? make("p", { class: "note" }, `${look.relations.checked} displayed relations checked, ${look.relations.cited} cited`) : null,
  ].filter(Boolean);
}

function params(look) {
  return make("table", { class: "plain" }, make("caption", { class: "unseen" }, "Numbers drawn"), make("tbody", {},
    ...look.params.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: "value" }, value)))));
}

function mistakes(look) {
  return list(look.mistakes.map((one) => make("li", {},
    make("code", {}, one.name), ` (${one.part}, −${one.cost})`,
    ...one.values.map((value) => make("div", {}, symbol(value), " ≈ ", make("span", { class: "value" }, value.decimal))),
    one.values.length ? null : make("div", { class: "note" }, one.known ? "cannot be told apart on these numbers" : "words only: solve() does not make it"))),
  "None is listed.");
}

// ---- the catalogue

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); queue.push(entry.target); next(); }
}, { rootMargin: "200px" });
const queue = [];
let drawing = false;

async function next() {
  if (drawing || !queue.length) return;
  drawing = true;
  const target = queue.shift();
  if (target.isConnected) {
    try {
      const answer = await get("glance", { name: target.dataset.name, seed: 1, lang: "en" });
      const paper = answer.look ? make("div", { class: "bw-sheet", lang: "en", inert: true, html: answer.look.html.en.question }) : make("p", { class: "bad" }, answer.error.message);
      target.replaceChildren(paper);
    } catch (error) { target.textContent = String(error.message || error); }
  }
  drawing = false;
  next();
}

function catalogue(turn) {
  if (!overview?.entries) return;
  $("found").hidden = true;
  mistake(null);
  $("title").textContent = "Blattwerk: all topics";
  document.title = "Blattwerk: all topics";
  const cards = overview.entries.map(card);
  const filter = make("label", { class: "filter" }, "Filter ", make("input", { type: "search", id: "filter", autocomplete: "off", oninput: (event) => {
    const words = event.target.value.toLowerCase();
    for (const one of cards) one.hidden = !one.dataset.words.includes(words);
  } }));
  $("paper").replaceChildren(make("p", { class: "filter" }, filter),
    ...(overview.broken || []).map((words) => make("p", { class: "banner" }, words)), make("div", { class: "cards" }, ...cards));
  for (const one of cards) seen.observe(one.querySelector(".one-look"));
  state("good", `${cards.length} topics`);
  document.body.dataset.ready = "catalogue";
}

function card(entry) {
  const parts = entry.parts.map((part) => part.id + (part.difficulties.length < 3 ? ` (${part.difficulties.join(", ")})` : "")).join(", ");
  return make("article", { class: "card", "data-words": `${entry.id} ${entry.title.en} ${entry.title.de}`.toLowerCase() },
    make("h2", {}, make("button", { type: "button", onclick: () => want({ name: entry.name }) }, entry.id)),
    make("p", {}, entry.title.en, " · ", make("span", { lang: "de" }, entry.title.de)),
    make("p", { class: "note" }, `parts: ${parts}`),
    make("p", { class: "note" }, `difficulties: ${entry.difficulties.join(", ")}${entry.demo ? `; demo ${entry.demo}` : ""}`),
    make("div", { class: "one-look", "data-name": entry.name }, make("p", { class: "waiting" }, "Drawing …")));
}

// ---- work that takes long

const LABELS = { spread: ["drawn", "seeds"], pdf: ["step", "steps"], demo: ["trained", "steps"] };

async function begin(kind) {
  const now = wanted();
  try {
    const piece = await post("work", { kind, name: now.name === "*" ? "" : now.name, seed: now.seed, difficulty: now.name === "*" ? "" : now.difficulty, lang: now.lang });
    running[kind] = piece.number;
    progress(piece);
    const later = await get("work", { number: piece.number }); // it may have ended before we heard of it
    if (later.state !== "running") finished(later);
  } catch (error) {
    $(kind).replaceChildren(make("p", { class: "bad" }, String(error.message || error)));
  }
}

function progress(piece) {
  if (running[piece.kind] !== piece.number) return;
  const words = `${piece.done} of ${piece.total} ${LABELS[piece.kind][1]}`;
  let bar = $(piece.kind).querySelector("progress");
  if (!bar) {
    bar = make("progress", { "aria-label": "Progress" });
    $(piece.kind).replaceChildren(bar, make("p", { class: "note" }), make("button", { type: "button", onclick: () => post("cancel", { kind: piece.kind }) }, "Stop"));
  }
  bar.max = piece.total;
  bar.value = piece.done;
  $(piece.kind).querySelector("p").textContent = words;
}

function finished(piece) {
  if (running[piece.kind] !== piece.number) return;
  delete running[piece.kind];
  const box = $(piece.kind);
  if (piece.state === "cancelled") box.replaceChildren(make("p", { class: "note" }, "Stopped."));
  else if (piece.state === "failed") box.replaceChildren(make("p", { class: "bad" }, piece.result.message));
  else DONE[piece.kind](box, piece);
}

const DONE = {
  spread(box, piece) {
    const found = piece.result;
    box.replaceChildren(
      make("p", {}, `${found.name}, ${found.difficulty}: ${found.different} different instances in ${found.seeds} seeds`),
      make("p", { "data-largest": found.largest.number }, "largest integer met: ", make("span", { class: "value" }, short(found.largest.number)), ` (seed ${found.largest.seed}); largest denominator: `, make("span", { class: "value" }, short(found.denominator.number)), ` (seed ${found.denominator.seed})`),
      ...(found.failed ? [make("p", { class: "bad" }, `${found.failed} seeds failed:`), ...found.failures.map((one) => make("p", { class: "bad" }, one))] : []),
      ...found.answers.flatMap((one) => [make("h3", {}, one.name), make("div", { html: one.svg })]));
  },
  pdf(box, piece) {
    const made = piece.result;
    box.replaceChildren(
      made.failure ? make("p", { class: "bad" }, made.failure) : list(made.files.map((file) => make("li", {}, make("a", { href: `pdf?${new URLSearchParams({ number: piece.number, file })}`, target: "_blank" }, file))), ""),
      ...(made.note ? [make("p", { class: "note" }, made.note)] : []),
      ...(made.failure ? [] : made.overfull.length ? made.overfull.map((line) => make("p", { class: "bad" }, `sticks out: ${line}`)) : [make("p", { class: "note" }, "No line sticks out of the margin.")]));
  },
  demo(box) {
    box.replaceChildren(make("p", { class: "note" }, "Trained; what it found stands in the solution."));
    refresh();
  },
};
const short = (number) => (number.length > 24 ? `${number.slice(0, 12)}… (${number.length} digits)` : number);

// ---- what the server tells, and what the user does

function listen() {
  const events = new EventSource("events");
  events.addEventListener("open", () => load());
  events.addEventListener("saved", () => load());
  events.addEventListener("work", async (event) => {
    const piece = JSON.parse(event.data);
    if (piece.state === "running") progress(piece);
    else if (running[piece.kind] === piece.number) finished(await get("work", { number: piece.number }));
  });
  events.addEventListener("error", () => state("bad", "the server has ended; start “blattwerk serve” again"));
}

async function load() {
  const told = await get("overview");
  if (told.error && !overview) { overview = null; mistake(told.error, false); restart(told.restart); state("bad", "there is a mistake"); document.body.dataset.ready = "mistake"; $("paper").replaceChildren(); return; }
  if (!told.error) overview = told;
  await refresh();
  if (told.error) { mistake(told.error, true); state("bad", "there is a mistake"); }
}

function step(by) {
  const seed = BigInt(wanted().seed) + BigInt(by);
  if (seed >= 0n) want({ seed: String(seed) });
}

$("previous").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
$("seed").addEventListener("change", (event) => { if (/^[0-9]{1,18}$/.test(event.target.value)) want({ seed: event.target.value }); });
$("difficulty").addEventListener("change", (event) => want({ difficulty: event.target.value }));
$("lang").addEventListener("change", (event) => want({ lang: event.target.value }));
$("name").addEventListener("change", (event) => want({ name: event.target.value, difficulty: "" }));
$("home").addEventListener("click", () => want({ name: "" }));
for (const part of SHOWN) $(`show-${part}`).addEventListener("change", () => want({ show: SHOWN.filter((one) => $(`show-${one}`).checked) }));
for (const button of document.querySelectorAll("[data-work]")) button.addEventListener("click", () => begin(button.dataset.work));
$("controls").addEventListener("submit", (event) => { event.preventDefault(); want({ seed: $("seed").value }); });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !wanted().name) return;
  if (event.target.closest("input, select, textarea, summary")) return;
  if (event.key === "ArrowRight") { event.preventDefault(); step(1); }
  if (event.key === "ArrowLeft") { event.preventDefault(); step(-1); }
});
window.addEventListener("hashchange", () => { for (const kind of Object.keys(LABELS)) if (!running[kind]) $(kind).replaceChildren(); refresh(); });
listen();
